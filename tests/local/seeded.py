"""A plane as it is after its first start, and the steps of the lesson on it."""

import base64
import itertools
import json
from pathlib import Path

from plexctl.local import seed
from plexctl.local.bearers import read_bearers
from plexctl.local.control.base import authorization
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.enrolment import register, tokens
from plexctl.local.control.tenancy import domains, projects
from tests.local.database import rows


class Seeded:
    def __init__(self, control: Control, data_dir: Path) -> None:
        seed.ensure(control, data_dir)
        self.control = control
        self.bearers = read_bearers(data_dir)
        self.admin, self.viewer, self.outsider = (self._principal(name) for name in ("admin", "viewer", "outsider"))
        self.acme, self.beta, self.gamma = (row[0] for row in rows(control, "SELECT id FROM domains ORDER BY slug"))
        self._numbers = itertools.count(1)

    def _principal(self, name: str) -> Principal:
        principal = authorization.authenticate(self.control, self.bearers[name])
        assert principal
        return principal

    def domain(self, mesh_cidr: str, slug: str = "delta") -> str:
        body = {"name": "Delta", "slug": slug, "mesh_cidr": mesh_cidr}
        return str(domains.create(self.control, self.admin, body)["id"])

    def project(self, slug: str = "edge-fleet", domain_id: str | None = None, **body) -> str:
        body = {"domain_id": domain_id or self.acme, "name": "Edge Fleet", "slug": slug, **body}
        return str(projects.create(self.control, self.admin, body)["id"])

    def issue(self, project_id: str, **body) -> dict:
        body = {"kind": "node", "env_prefix": "dev", "ttl_seconds": 3600, **body}
        return tokens.issue(self.control, self.admin, project_id, body)

    def request(self, project_id: str, token: str | None = None, **changes) -> dict:
        """Make the body that the lesson's machine sends, of a machine not seen before."""
        number = next(self._numbers)
        return {
            "project_id": project_id,
            "resource_id": f"edge-router-{number}",
            "requested_resource_id": f"edge-router-{number}",
            "bootstrap_token": token or self.issue(project_id)["token"],
            "nonce": f"nonce-{number}",
            "public_key": base64.b64encode(number.to_bytes(32)).decode(),
            **changes,
        }

    def enrol(self, project_id: str, **changes) -> dict:
        return register.register(self.control, self.request(project_id, **changes), None)


def peers_in(registered: dict) -> list[dict]:
    """Read the other Nodes in a registration's answer, which the database has joined."""
    peers: list[dict] = json.loads(bytes(registered["peer_snapshot"]))
    return peers
