"""A whole plane for a test, in this process, on free ports; each of its answers is held against the descriptions."""

import base64
import functools
import itertools
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx

from plexctl.local.bearers import read_bearers
from plexctl.local.control.base.transaction import Settings
from plexctl.local.http import app, openapi
from plexctl.local.plane import Plane
from plexctl.local.sources import Sources
from tests import description
from tests.waiting import PATIENCE_SECONDS, eventually


@functools.cache
def descriptions() -> list[description.Description]:
    own = description.Description(openapi.describe(app.operations()))
    public = description.public()
    return [own, public] if public else [own]


class Clock:
    """The time of day, moved ahead by what a test adds; microseconds."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return time.time_ns() // 1000 + self.ahead


class LivePlane:
    """A running plane, clients of its HTTP API, and the steps of the lesson on it."""

    def __init__(self, plane: Plane, clock: Clock) -> None:
        self.plane = plane
        self.clock = clock
        self.bearers = read_bearers(plane.data_dir)
        self.url = plane.url
        self.signer_endpoint = plane.signer_endpoint
        self._clients: list[httpx.Client] = []
        self._numbers = itertools.count(1)

    @property
    def control(self):
        return self.plane.control

    def client(self, bearer: str | None = None) -> httpx.Client:
        """Make a client whose every answer is checked; it is closed with the plane."""
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        client = httpx.Client(
            base_url=self.url,
            headers=headers,
            trust_env=False,
            verify=False,  # there is no TLS on loopback, and reading the trust store takes long
            timeout=PATIENCE_SECONDS,
            event_hooks={"response": [_check]},
        )
        self._clients.append(client)
        return client

    @functools.cached_property
    def admin(self) -> httpx.Client:
        return self.client(self.bearers["admin"])

    @functools.cached_property
    def viewer(self) -> httpx.Client:
        return self.client(self.bearers["viewer"])

    @functools.cached_property
    def outsider(self) -> httpx.Client:
        return self.client(self.bearers["outsider"])

    @functools.cached_property
    def signed_in(self) -> httpx.Client:
        """Admin with a session of the approval page in place of a bearer."""
        client = self.client()
        client.get("/v1/device")
        form = {"action": "sign-in", "bearer": self.bearers["admin"], "csrf_token": client.cookies["plexsphere_csrf"]}
        assert client.post("/v1/device", data=form).status_code == 303
        client.headers["X-Plexsphere-CSRF"] = client.cookies["plexsphere_csrf"]
        return client

    def caller(self, kind: str) -> httpx.Client:
        """Return the client of somebody who may call an operation for such callers, a Node's aside."""
        return self.signed_in if kind == "session" else self.admin

    @functools.cached_property
    def nobody(self) -> httpx.Client:
        return self.client()

    def domain_id(self, slug: str = "acme-corp") -> str:
        items = self.admin.get("/v1/domains", params={"limit": 200}).json()["items"]
        return next(item["id"] for item in items if item["slug"] == slug)

    def domain(self, slug: str, mesh_cidr: str) -> str:
        body = {"name": slug, "slug": slug, "mesh_cidr": mesh_cidr}
        return created(self.admin.post("/v1/domains", json=body))["id"]

    def project(self, slug: str = "edge-fleet", domain_id: str | None = None, **members: Any) -> str:
        body = {"domain_id": domain_id or self.domain_id(), "slug": slug, "name": "Edge Fleet", **members}
        return created(self.admin.post("/v1/projects", json=body))["id"]

    def token(self, project_id: str, **members: Any) -> str:
        body = {"kind": "node", "env_prefix": "dev", "ttl_seconds": 3600, **members}
        return created(self.admin.post(f"/v1/projects/{project_id}/bootstrap-tokens", json=body))["token"]

    def resource(self, project_id: str, **members: Any) -> str:
        body = {"origin": "adopted", "kind": "vm", **members}
        return created(self.admin.post(f"/v1/projects/{project_id}/resources", json=body))["id"]

    def registration(self, project_id: str, token: str, **members: Any) -> dict[str, Any]:
        """Make the body that a machine not seen before sends."""
        number = next(self._numbers)
        return {
            "project_id": project_id,
            "resource_handle": f"edge-router-{number:03}",
            "requested_resource_id": f"edge-router-{number:03}",
            "bootstrap_token": token,
            "nonce": os.urandom(16).hex(),
            "public_key": public_key(),
            **members,
        }

    def enrol(self, project_id: str) -> dict[str, Any]:
        body = self.registration(project_id, self.token(project_id))
        return created(self.nobody.post("/v1/register", json=body))

    def anchored(self, domain_id: str, count: int) -> dict[str, Any]:
        """Wait until the mesh of a Domain has as many Nodes, and return its topology."""
        path = f"/v1/domains/{domain_id}/mesh/topology"
        return eventually(lambda: self.admin.get(path).json(), lambda topology: len(topology["nodes"]) == count)

    def close(self) -> None:
        for client in self._clients:
            client.close()


Live = TypeVar("Live", bound=LivePlane)


@contextmanager
def running(kind: type[Live], data_dir: Path, **settings: Any) -> Iterator[Live]:
    """Run a plane as a kind of LivePlane, for a module that keeps more on it."""
    clock = Clock()
    plane = Plane(data_dir, Settings(cheap_hashes=True, **settings), Sources(clock, os.urandom))
    plane.start()
    try:
        live = kind(plane, clock)
        yield live
        live.close()
    finally:
        plane.stop()


def live_plane(data_dir: Path, **settings: Any) -> AbstractContextManager[LivePlane]:
    return running(LivePlane, data_dir, **settings)


def nsk_bearer(registered: dict[str, Any]) -> str:
    """Assemble a Node's credential from what it got when it registered."""
    octets = UUID(registered["node_id"]).bytes + base64.b64decode(registered["nsk"])
    return "nsk_dev_" + base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def public_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def accepts(endpoint: str) -> bool:
    host, port = endpoint.split(":")
    try:
        socket.create_connection((host, int(port))).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def half_a_request(url: str, bearer: str) -> Iterator[Callable[[], bytes]]:
    """Have the plane at work on a Domain's creation, of which the function sends the rest and returns the answer."""
    body = b'{"name": "Delta", "slug": "delta", "mesh_cidr": "10.99.0.0/24"}'
    head = f"POST /v1/domains HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\nContent-Length: {len(body)}"
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode() + body[:10])
        # whoever comes later is answered only after that was taken in
        assert httpx.get(f"{url}/v1/health", trust_env=False).status_code == 200

        def finish() -> bytes:
            connection.sendall(body[10:])
            return connection.recv(1000)

        yield finish


def created(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 201, response.text
    return response.json()


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    return problem


def _check(response: httpx.Response) -> None:
    response.read()
    for one in descriptions():
        one.check_answer(response)
    own = descriptions()[0]
    if response.is_success and own.operation(response.request.method, response.request.url.path):
        own.check_request(response.request)
    assert response.headers["x-request-id"]
