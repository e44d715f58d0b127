import itertools
from datetime import UTC, datetime

import pytest

from plexctl.identifiers import uuid7
from tests.local.database import TOLD, rows
from tests.plane import live_plane, nsk_bearer, public_key, refused
from tests.waiting import eventually

MINUTE = 60 * 1_000_000
DIGEST = "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg="


def _heartbeat(plane, **members):
    now = datetime.fromtimestamp(plane.clock() / 1_000_000, UTC).isoformat()
    return {
        "client_now": now,
        "binary_checksum": DIGEST,
        "binary_version": "plexd-v0.4.2",
        "nat_summary": {},
        **members,
    }


def test_enrolled_nodes_become_peers_with_an_edge_each_way(plane):
    project_id, domain_id = plane.project(), plane.domain_id()
    nodes = [plane.enrol(project_id)["node_id"] for _ in range(3)]

    topology = plane.anchored(domain_id, 3)

    assert [node["node_id"] for node in topology["nodes"]] == nodes
    edges = [(edge["source_node_id"], edge["target_node_id"]) for edge in topology["edges"]]
    assert edges == list(itertools.permutations(nodes, 2))
    assert {edge["mode"] for edge in topology["edges"]} == {"direct"}


def test_a_node_is_anchored_only_after_its_answer_and_then_soon(tmp_path):
    with live_plane(tmp_path, anchor_delay_us=5 * MINUTE) as plane:
        plane.enrol(plane.project())
        assert plane.admin.get(f"/v1/domains/{plane.domain_id()}/mesh/topology").json()["nodes"] == []
        plane.clock.ahead += 5 * MINUTE
        plane.enrol(plane.project("second"))  # whatever commits wakes the worker
        plane.anchored(plane.domain_id(), 1)


def test_a_grant_lands_after_the_delay_injected(tmp_path):
    with live_plane(tmp_path, grant_delay_us=MINUTE) as plane:
        project_id = plane.project()
        refused(plane.admin.get(f"/v1/projects/{project_id}"), 403, "permission_denied")
        plane.clock.ahead += MINUTE
        assert plane.admin.get(f"/v1/projects/{project_id}").status_code == 200


def test_the_registered_are_listed_with_their_handle(plane):
    node = plane.enrol(plane.project())

    (item,) = plane.admin.get("/v1/nodes", params={"domain_id": plane.domain_id()}).json()["items"]

    assert (item["id"], item["name"], item["domain_id"]) == (node["node_id"], "edge-router-001", plane.domain_id())


def test_a_mesh_key_is_rotated_by_two_parties(plane):
    project_id, domain_id = plane.project(), plane.domain_id()
    one, other = plane.enrol(project_id), plane.enrol(project_id)
    plane.anchored(domain_id, 2)
    path = f"/v1/nodes/{one['node_id']}/keys/rotate"
    node = plane.client(nsk_bearer(one))
    beat = f"/v1/nodes/{one['node_id']}/heartbeat"

    preview = plane.admin.get(f"{path}/preview").json()
    assert [edge["peer_node_id"] for edge in preview["affected_edges"]] == [other["node_id"]]
    assert (preview["already_pending"], preview["estimated_duration_seconds"]) == (False, 0)
    refused(node.post("/v1/keys/rotate", json={"new_public_key": public_key()}), 409, "keys_rotate_no_pending_rotation")

    triggered = plane.admin.post(path).json()
    assert triggered["already_pending"] is False
    assert plane.admin.post(path).json() == triggered | {"already_pending": True}
    assert node.post(beat, json=_heartbeat(plane)).json()["rotate_keys"] is True

    key = public_key()
    receipt = node.post("/v1/keys/rotate", json={"new_public_key": key}).json()
    assert receipt == {"rotation_id": triggered["rotation_id"], "kid": "psk-software-v1", "wrap_key_version": 1}
    assert node.post("/v1/keys/rotate", json={"new_public_key": key}).json() == receipt
    assert node.post(beat, json=_heartbeat(plane)).json()["rotate_keys"] is False


def test_events_of_a_rotation_reach_each_node_once(plane):
    project_id = plane.project()
    one, other = plane.enrol(project_id), plane.enrol(project_id)
    plane.anchored(plane.domain_id(), 2)

    plane.admin.post(f"/v1/nodes/{one['node_id']}/keys/rotate")
    plane.client(nsk_bearer(one)).post("/v1/keys/rotate", json={"new_public_key": public_key()})

    told = {("rotate_keys", one["node_id"]), ("peer_key_rotated", other["node_id"])}
    sql = f"SELECT kind, node_id FROM ({TOLD}) WHERE kind <> 'node_state_updated'"
    assert set(eventually(lambda: rows(plane.control, sql), lambda seen: len(seen) == 2)) == told


def _requests_of(plane, path, node):
    """Return one request per kind of answer: accepted, refused by its head, its body, its clock, and by the rule."""
    beat, stale = f"{path}/heartbeat", "1999-01-01T00:00:00Z"
    return {
        "reachability": lambda: node.get(f"{path}/reachability"),
        "heartbeat": lambda: node.post(beat, json=_heartbeat(plane)),
        "clock_skew": lambda: node.post(beat, json=_heartbeat(plane, client_now=stale)),
        "malformed": lambda: node.post(beat, content=b"{"),
        "too large": lambda: node.post("/v1/keys/rotate", content=b"x" * 5000),
        "another Node's path": lambda: node.get(f"/v1/nodes/{uuid7()}/reachability"),
        "no rotation": lambda: node.post("/v1/keys/rotate", json={"new_public_key": public_key()}),
    }


REQUESTS = ("reachability", "heartbeat", "clock_skew", "malformed", "too large", "another Node's path", "no rotation")


@pytest.mark.parametrize("request_of", REQUESTS)
@pytest.mark.parametrize("silence", [30 * MINUTE, 60 * MINUTE])
def test_every_authenticated_request_of_a_node_counts_as_contact(plane, request_of, silence):
    registered = plane.enrol(plane.project())
    plane.anchored(plane.domain_id(), 1)
    path = f"/v1/nodes/{registered['node_id']}"
    node = plane.client(nsk_bearer(registered))
    plane.clock.ahead += silence
    assert plane.viewer.get(f"{path}/reachability").json()["state"] != "healthy"

    _requests_of(plane, path, node)[request_of]()

    assert plane.viewer.get(f"{path}/reachability").json()["state"] == "healthy"


def test_a_request_that_is_not_authenticated_is_no_contact(plane):
    registered = plane.enrol(plane.project())
    path = f"/v1/nodes/{registered['node_id']}"
    plane.clock.ahead += 60 * MINUTE
    for client in (plane.nobody, plane.outsider, plane.client(nsk_bearer(registered | {"nsk": public_key()}))):
        for request in _requests_of(plane, path, client).values():
            request()
    assert plane.viewer.get(f"{path}/reachability").json()["state"] == "unreachable"


def test_a_node_reads_its_own_reachability_and_no_others(plane):
    project_id = plane.project()
    one, other = plane.enrol(project_id), plane.enrol(project_id)
    node = plane.client(nsk_bearer(one))

    assert node.get(f"/v1/nodes/{one['node_id']}/reachability").json()["state"] == "healthy"
    for node_id in (other["node_id"], uuid7()):
        refused(node.get(f"/v1/nodes/{node_id}/reachability"), 403, "node_id_mismatch")


@pytest.mark.parametrize("header", [None, "", "Basic YWRtaW46", "Bearer unknown", "Bearer nsk_dev_x"])
def test_reachability_is_for_operators_and_nodes_alone(plane, header):
    headers = {} if header is None else {"Authorization": header}
    for node_id in (plane.enrol(plane.project())["node_id"], uuid7(), "not-a-uuid"):
        refused(plane.nobody.get(f"/v1/nodes/{node_id}/reachability", headers=headers), 401, "nsk_invalid")


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, "unauthorized"), ("Basic eA==", "unauthorized"), ("Bearer nsk_dev_x", "nsk_invalid")],
)
def test_a_node_without_its_secret_gets_nothing(plane, header, code):
    node_id = plane.enrol(plane.project())["node_id"]
    headers = {"Authorization": header} if header else {}
    for path in (f"/v1/nodes/{node_id}/heartbeat", "/v1/keys/rotate"):
        answer = plane.nobody.post(path, headers=headers, content=b"not looked at")
        refused(answer, 401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_secret_speaks_for_its_own_node_alone(plane):
    project_id = plane.project()
    one, other = plane.enrol(project_id), plane.enrol(project_id)

    answer = plane.client(nsk_bearer(one)).post(f"/v1/nodes/{other['node_id']}/heartbeat", json=_heartbeat(plane))

    refused(answer, 403, "node_id_mismatch")


def test_reachability_follows_the_silence(plane):
    registered = plane.enrol(plane.project())
    path = f"/v1/nodes/{registered['node_id']}"
    node = plane.client(nsk_bearer(registered))

    assert "last_heartbeat_at" not in plane.viewer.get(f"{path}/reachability").json()
    for silence, state in ((29, "healthy"), (1, "stale"), (30, "unreachable")):
        plane.clock.ahead += silence * MINUTE
        assert plane.viewer.get(f"{path}/reachability").json()["state"] == state
    assert node.post(f"{path}/heartbeat", json=_heartbeat(plane)).status_code == 200
    assert plane.viewer.get(f"{path}/reachability").json()["state"] == "healthy"
    refused(plane.outsider.get(f"{path}/reachability"), 403, "insufficient_relation")
