"""Clients that use a plane at once until it is gone, and remember what it answered each of them."""

import itertools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.plane import nsk_bearer, public_key
from tests.waiting import PATIENCE_SECONDS

NOT_ANCHORED_YET = {"node_not_found", "keys_rotate_peer_not_found"}  # the refusals that a client expects


@dataclass
class Machine:
    """A machine that enrols, and what it was answered."""

    project_id: str
    token_id: str
    registration: dict[str, Any]
    node: dict[str, Any] | None = None
    requested: dict[str, Any] | None = None  # the rotation, in the operator's answer
    completed: dict[str, Any] | None = None  # and in the Node's


@dataclass
class Told:
    """What all clients were answered."""

    projects: list[str] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    @property
    def nodes(self) -> dict[str, Machine]:
        return {machine.node["node_id"]: machine for machine in self.machines if machine.node}


class Crowd:
    """Threads that create Projects, issue tokens, register Nodes and rotate their keys."""

    def __init__(self, url: str, bearer: str, domain_id: str) -> None:
        self.told = Told()
        self._domain_id = domain_id
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {bearer}"},
            trust_env=False,
            verify=False,  # there is no TLS on loopback
            timeout=PATIENCE_SECONDS,
            limits=httpx.Limits(max_connections=None),
        )
        self._answers = itertools.count(1)
        self._enough = threading.Event()

    def work_until(self, end: Callable[[], None], clients: int, after: int) -> Told:
        """Run so many clients, and have `end` end the plane after so many answers."""
        threads = [threading.Thread(target=self._work, args=(after,)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        assert self._enough.wait(PATIENCE_SECONDS)
        end()
        for thread in threads:
            thread.join()
        self._client.close()
        return self.told

    def _work(self, after: int) -> None:
        def post(path: str, body: Any = None, bearer: str | None = None) -> dict[str, Any] | None:
            headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
            answer = self._client.post(path, json=body, headers=headers)
            if next(self._answers) == after:
                self._enough.set()
            if answer.is_success:
                return answer.json()
            if not any(f'"{code}"' in answer.text for code in NOT_ANCHORED_YET):
                self.told.unexpected.append(f"{path}: {answer.status_code} {answer.headers} {answer.text}")
                self._enough.set()
            return None

        last = None
        try:
            while True:
                last = self._go_round(post, last)
        except httpx.TransportError:
            return

    def _go_round(self, post: Callable[..., dict[str, Any] | None], last: Machine | None) -> Machine | None:
        """Enrol one machine into a Project of its own, and rotate the key of the one before."""
        name = os.urandom(8).hex()
        project = post("/v1/projects", {"domain_id": self._domain_id, "slug": f"p-{name}", "name": "P"})
        if project is None:
            return None
        self.told.projects.append(project["id"])
        issue = {"kind": "node", "env_prefix": "dev", "ttl_seconds": 3600}
        token = post(f"/v1/projects/{project['id']}/bootstrap-tokens", issue)
        if token is None:
            return None
        machine = Machine(project["id"], token["token_id"], registration(project["id"], token["token"]))
        self.told.machines.append(machine)
        machine.node = post("/v1/register", machine.registration)
        if last and last.node:
            last.requested = post(f"/v1/nodes/{last.node['node_id']}/keys/rotate")
            if last.requested:
                last.completed = post("/v1/keys/rotate", {"new_public_key": public_key()}, nsk_bearer(last.node))
        return machine


def registration(project_id: str, token: str) -> dict[str, Any]:
    name = os.urandom(8).hex()
    return {
        "project_id": project_id,
        "resource_handle": name,
        "requested_resource_id": name,
        "bootstrap_token": token,
        "nonce": name,
        "public_key": public_key(),
    }
