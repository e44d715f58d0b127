"""A mesh too large to hold, sent as a stream."""

import os
import tracemalloc
from ipaddress import ip_address

import httpx
import pytest

from plexctl.identifiers import uuid7
from tests.long_mode import pick
from tests.plane import LivePlane, public_key, refused, running
from tests.waiting import PATIENCE_SECONDS

EDGES = b'"source_node_id"'
NODES = pick(400, 1000)


class Meshed(LivePlane):
    mesh: str


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    with running(Meshed, tmp_path_factory.mktemp("plane")) as live:
        live.mesh = live.domain("large", "10.96.0.0/16")
        _populate(live, live.mesh, NODES)
        yield live


def _populate(plane, domain_id: str, count: int) -> None:
    """Put Peers into the database, without the half million keys that enrolling them would make."""
    project_id = plane.project(domain_id=domain_id)
    issuer = plane.admin.get("/v1/auth/whoami").json()["subject"]
    now = plane.clock()
    with plane.control.store.write() as connection:
        for number in range(1, count + 1):
            node, token, handle = uuid7(), uuid7(), uuid7()
            address = ip_address("10.96.0.0") + number
            connection.execute(
                "INSERT INTO bootstrap_tokens VALUES (NULL, ?, ?, 'node', 'dev', ?, '-', 0, 0, ?, NULL, NULL, NULL)",
                (token, project_id, os.urandom(32), issuer),
            )
            connection.execute(
                "INSERT INTO resources VALUES (NULL, ?, ?, ?, NULL, 'vm', 0)", (handle, project_id, handle)
            )
            connection.execute(
                "INSERT INTO nodes (id, domain_id, project_id, resource_id, token_id, public_key, mesh_ip,"
                " mesh_ip_number, nsk_wrapped, registered_at, last_contact_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, x'00', ?, ?)",
                (
                    node,
                    domain_id,
                    project_id,
                    handle,
                    token,
                    public_key(),
                    str(address),
                    int(address).to_bytes(16),
                    now,
                    now,
                ),
            )
            connection.execute("INSERT INTO peers VALUES (?, ?, ?, 0)", (uuid7(), node, domain_id))


def _stream(plane):
    path = f"/v1/domains/{plane.mesh}/mesh/topology"
    headers = {"Authorization": f"Bearer {plane.bearers['viewer']}"}
    client = httpx.Client(base_url=plane.url, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS)
    return client, client.stream("GET", path)


def test_a_large_mesh_has_an_edge_from_each_node_to_each_other_and_the_document_is_never_held(plane):
    client, stream = _stream(plane)
    tracemalloc.start()
    size, edges, rest, last = 0, 0, b"", b""
    with client, stream as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        for chunk in answer.iter_raw():
            size += len(chunk)
            edges += (rest + chunk).count(EDGES)
            rest = chunk[-len(EDGES) + 1 :]
            last = chunk or last
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert edges == NODES * (NODES - 1)
    assert last.endswith(b"]}")
    assert peak < 8 * 1024 * 1024 < size / 3


def test_a_reader_who_stops_reading_keeps_nobody_waiting(plane):
    streams = [_stream(plane) for _ in range(24)]  # more than the plane has threads for requests
    answers = [stream.__enter__() for _, stream in streams]
    try:
        assert all(answer.status_code == 200 for answer in answers)
        assert plane.project("meanwhile")
    finally:
        for client, _ in streams:
            client.close()


def test_what_is_refused_is_refused_before_the_first_byte(plane):
    refused(plane.outsider.get(f"/v1/domains/{plane.mesh}/mesh/topology"), 403, "permission_denied")
    refused(plane.admin.get(f"/v1/domains/{uuid7()}/mesh/topology"), 404, "domain_not_found")
