"""A plane in a process of its own, which may vanish, or whose surroundings may fail, at any moment."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from plexctl.local import process, state
from plexctl.local.bearers import read_bearers
from plexctl.local.running import Launch, Running
from tests.local.crowd import registration
from tests.plane import created, nsk_bearer
from tests.waiting import PATIENCE_SECONDS, eventually

CHEAP = {"cheap_hashes": True}


class SeparatePlane:
    """A running plane, and clients of its HTTP API."""

    def __init__(self, plane: Running) -> None:
        self.plane = plane
        self.directory = Path(plane.data_dir)
        self.bearer = read_bearers(self.directory)["admin"]
        self.admin = self._client(self.bearer)
        self.nobody = self._client()
        self.domain_id = self.admin.get("/v1/domains").json()["items"][0]["id"]

    def node(self, registered):
        return self._client(nsk_bearer(registered))

    def project(self, slug):
        body = {"domain_id": self.domain_id, "slug": slug, "name": slug}
        return created(self.admin.post("/v1/projects", json=body))["id"]

    def registration(self, project_id):
        issue = {"kind": "node", "env_prefix": "dev", "ttl_seconds": 3600}
        token = created(self.admin.post(f"/v1/projects/{project_id}/bootstrap-tokens", json=issue))["token"]
        return registration(project_id, token)

    def kill(self):
        os.kill(self.plane.pid, signal.SIGKILL)
        eventually(lambda: not state.is_in_use(self.directory))

    def rows(self, sql):
        with closing(sqlite3.connect(self.directory / "plane.db")) as connection:
            return connection.execute(sql).fetchall()

    def settled(self):
        """Wait until nothing is promised that is not done."""
        waiting = "SELECT count(*) FROM outbox WHERE delivered_at IS NULL"
        eventually(lambda: self.rows(waiting), lambda seen: seen == [(0,)])

    def _client(self, bearer=None):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return httpx.Client(base_url=self.plane.url, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS)

    def close(self):
        self.admin.close()
        self.nobody.close()


@contextmanager
def separate_plane(directory: Path) -> Iterator[SeparatePlane]:
    """Run a plane over a directory."""
    plane = SeparatePlane(process.start(Launch(str(directory), 0, 0, CHEAP)))
    try:
        yield plane
    finally:
        plane.close()
        process.stop(directory)
