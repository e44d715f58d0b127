"""The signed event bus: what a Node reads, in which order, signed by which key, and how a stream ends."""

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.http import event_stream
from tests.local.agent import following, take, verified
from tests.local.database import value
from tests.local.signer_client import SignerClient
from tests.plane import live_plane, nsk_bearer, public_key, refused
from tests.waiting import eventually


@pytest.fixture
def plane(tmp_path):
    with live_plane(tmp_path / "plane", events=True) as running:
        yield running


@pytest.fixture
def nodes(plane):
    project_id = plane.project()
    registered = [plane.enrol(project_id) for _ in range(2)]
    plane.anchored(plane.domain_id(), 2)
    return registered


def rotate(plane, node):
    rotation = plane.admin.post(f"/v1/nodes/{node['node_id']}/keys/rotate").json()
    key = public_key()
    plane.client(nsk_bearer(node)).post("/v1/keys/rotate", json={"new_public_key": key})
    return rotation["rotation_id"], key


def open_signing_rotation(plane, key_id):
    signer = SignerClient(plane.control, plane.bearers["admin"])
    try:
        signer.open(f"domain:{plane.domain_id()}", key_id)
    finally:
        signer.close()
    plane.admin.get("/v1/health")


def test_without_the_flag_there_is_no_event_bus(tmp_path):
    with live_plane(tmp_path / "plane") as plane:
        node = plane.enrol(plane.project())
        path = f"/v1/nodes/{node['node_id']}/events"
        for client in (plane.client(nsk_bearer(node)), plane.viewer):
            refused(client.get(path), 501, "signed_event_bus_not_provisioned")
        refused(plane.nobody.get(path), 401, "nsk_invalid")
        for asked in (node["node_id"], uuid7()):
            refused(plane.outsider.get(f"/v1/nodes/{asked}/events"), 403, "insufficient_relation")
        refused(plane.admin.get(f"/v1/nodes/{uuid7()}/events"), 404, "node_not_found")


def test_a_node_reads_what_concerns_it_signed_with_the_key_that_it_knows(plane, nodes):
    one, other = nodes
    with following(plane, one) as own, following(plane, other) as others:
        rotation_id, key = rotate(plane, one)
        (request,) = take(own, 1)
        (rotated,) = take(others, 1)
    assert (request.event, request.data["type"], request.data["id"]) == ("rotate_keys", "rotate_keys", request.id)
    assert request.data["payload"] == {"node_id": one["node_id"], "rotation_id": rotation_id}
    assert request.data["scope"] == f"domain:{plane.domain_id()}"
    assert request.data["key_id"] == one["signing_key_id"]
    assert rotated.event == "peer_key_rotated"
    assert rotated.data["payload"]["public_key"] == key
    assert rotated.data["payload"]["node_id"] == one["node_id"]
    for frame in (request, rotated):
        assert verified(frame.data, one["signing_public_key"])
        assert not verified({**frame.data, "id": "0"}, one["signing_public_key"])


def test_a_stream_starts_now_or_after_the_last_event_that_was_read(plane, nodes):
    one, other = nodes
    with following(plane, one) as lines:
        rotate(plane, one)
        (first,) = take(lines, 1)
    rotate(plane, other)
    with following(plane, one, first.id) as lines:
        (second,) = take(lines, 1)
    assert second.event == "peer_key_rotated"
    with following(plane, one, "0") as lines:
        assert [frame.id for frame in take(lines, 3)][-2:] == [first.id, second.id]
    with following(plane, one, "") as lines:
        rotate(plane, other)
        (third,) = take(lines, 1)
    assert int(third.id) > int(second.id) > int(first.id)


def test_a_node_reads_nothing_from_before_its_registration(plane, nodes):
    rotate(plane, nodes[0])
    node = plane.enrol(plane.project("late"))
    plane.anchored(plane.domain_id(), 3)
    with following(plane, node, "0") as lines:
        rotation_id, _ = rotate(plane, node)
        (first,) = take(lines, 1)
    assert first.data["payload"]["rotation_id"] == rotation_id


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "+1", "\u0661".encode().decode("latin-1"), "9" * 30, "0x1"])
def test_what_is_not_an_id_of_an_event_is_refused(plane, nodes, last):
    path = f"/v1/nodes/{nodes[0]['node_id']}/events"
    headers = {"Last-Event-ID": last.encode("latin-1")}
    refused(plane.viewer.get(path, headers=headers), 400, "invalid_last_event_id")


def test_an_operator_follows_a_node_and_another_node_does_not(plane, nodes):
    one, other = nodes
    with following(plane, one, bearer=plane.bearers["viewer"]) as lines:
        rotate(plane, one)
        assert take(lines, 1)[0].event == "rotate_keys"
    refused(plane.client(nsk_bearer(other)).get(f"/v1/nodes/{one['node_id']}/events"), 403, "node_id_mismatch")


def test_a_new_signing_key_is_announced_under_the_old_one(plane, nodes):
    one, other = nodes
    with following(plane, one) as lines:
        open_signing_rotation(plane, "k2")
        rotate(plane, other)  # wakes the worker, too
        announced, rotated = take(lines, 2)
    assert announced.event == "signing_key_rotated"
    payload = announced.data["payload"]
    assert payload.keys() == {"key_id", "public_key", "previous_key_id", "transition_expires"}
    assert (payload["key_id"], payload["previous_key_id"]) == ("did:plexsphere:domain/dev#k2", one["signing_key_id"])
    assert announced.data["key_id"] == one["signing_key_id"]
    assert verified(announced.data, one["signing_public_key"])
    assert rotated.data["key_id"] == payload["key_id"]
    assert verified(rotated.data, payload["public_key"])


def test_what_came_before_a_new_key_stays_signed_with_the_old_one(plane, nodes):
    one, other = nodes
    with following(plane, one) as lines:
        rotate(plane, other)
        (before,) = take(lines, 1)
    open_signing_rotation(plane, "k2")
    with following(plane, one, str(int(before.id) - 1)) as lines:
        (again,) = take(lines, 1)
    assert again.data["key_id"] == one["signing_key_id"]
    assert again.data["issued_at"] > before.data["issued_at"]
    assert verified(again.data, one["signing_public_key"])


def test_joining_and_leaving_are_announced_to_the_others(plane, nodes):
    one, other = nodes
    resource_id = value(plane.control, "SELECT resource_id FROM nodes WHERE id = ?", other["node_id"])
    with following(plane, one) as lines, following(plane, other) as ended:
        plane.enrol(plane.project("late"))
        assert take(lines, 1)[0].data["payload"]["change"] == "peer_joined"
        take(ended, 1)
        plane.admin.delete(f"/v1/resources/{resource_id}")
        (left,) = take(lines, 1)
        assert list(ended) == []  # a Node that is gone has no stream
    assert (left.event, left.data["payload"]["change"]) == ("node_state_updated", "peer_left")
    assert left.data["payload"]["node_id"] == other["node_id"]


def test_a_stream_without_events_is_kept_alive(plane, nodes, monkeypatch):
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_SECONDS", 0.01)
    with following(plane, nodes[0]) as lines:
        assert [next(lines) for _ in range(4)] == [":keep-alive", "", ":keep-alive", ""]


def test_keep_alive_is_every_25_seconds():
    assert event_stream.KEEP_ALIVE_SECONDS == 25


def test_a_plane_that_stops_ends_its_streams(plane, nodes):
    with following(plane, nodes[0]) as lines:
        plane.plane.stop()
        assert list(lines) == []


def test_a_client_that_goes_leaves_nothing_behind(plane, nodes):
    with following(plane, nodes[0]):
        eventually(lambda: len(plane.control.listeners._waiting) == 1)
    eventually(lambda: not plane.control.listeners._waiting)


def test_the_head_of_a_stream_can_be_asked_for(plane, nodes):
    answer = plane.viewer.head(f"/v1/nodes/{nodes[0]['node_id']}/events")
    assert (answer.status_code, answer.content) == (200, b"")
