"""What a Node's agent calls over HTTP: its snapshot, reports, endpoint, capabilities, and the keys of its edges."""

import gzip
import json
from datetime import datetime
from uuid import UUID

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.http import app
from tests.each import each
from tests.local.agent import DIGEST, SECOND, Machine, edge_key
from tests.local.database import content_but_for_contact, value
from tests.plane import created, live_plane, refused


def enrol(plane, count, project_id=None):
    project_id = project_id or plane.project()
    machines = [Machine(plane, plane.enrol(project_id)) for _ in range(count)]
    plane.anchored(plane.domain_id(), count)
    return machines


@pytest.fixture(scope="module")
def idle(tmp_path_factory):
    """A machine for tests whose requests are all refused."""
    with live_plane(tmp_path_factory.mktemp("plane")) as plane:
        (one,) = enrol(plane, 1)
        before = content_but_for_contact(plane.control)
        yield one
        assert content_but_for_contact(plane.control) == before


def remove(plane, machine):
    resource_id = value(plane.control, "SELECT resource_id FROM nodes WHERE id = ?", machine.id)
    assert plane.admin.delete(f"/v1/resources/{resource_id}").status_code == 204


def test_a_snapshot_lists_the_other_peers_by_id(plane):
    one, *others = enrol(plane, 3)
    state = one.state()
    assert list(state) == ["peers", "reachability", "policy", "bridge", "state", "reports", "executions", "sessions"]
    assert [peer["node_id"] for peer in state["peers"]] == sorted(other.id for other in others)
    (first,) = [peer for peer in state["peers"] if peer["node_id"] == others[0].id]
    assert first.keys() == {"node_id", "mesh_ip", "public_key"}
    assert first["mesh_ip"] == others[0].registered["mesh_ip"]
    assert (state["policy"], state["bridge"], state["executions"], state["sessions"]) == (None, None, [], [])
    assert state["state"] == state["reports"] == {"metadata": [], "data": [], "reports": []}
    assert state["reachability"] == one.get("reachability").json()


def test_two_pulls_with_nothing_between_are_byte_equal(plane):
    one, other = enrol(plane, 2)
    one.put("state/reports/b", {"value": "2"})
    one.put("state/reports/a", {"value": "1", "workload_tag": "w"})
    pulls = {one.get("state").content for _ in range(3)}
    pulls.add(plane.viewer.get(f"{one.path}/state").content)
    assert len(pulls) == 1
    other.rotate()
    assert one.get("state").content not in pulls


def test_a_snapshot_is_for_the_node_itself_and_for_operators(plane):
    one, other = enrol(plane, 2)
    assert plane.viewer.get(f"{one.path}/state").status_code == 200
    refused(plane.nobody.get(f"{one.path}/state"), 401, "nsk_invalid")
    refused(other.client.get(f"{one.path}/state"), 403, "node_id_mismatch")
    for asked in (one.id, uuid7(), "x"):
        refused(plane.outsider.get(f"/v1/nodes/{asked}/state"), 403, "insufficient_relation")
    refused(plane.admin.get(f"/v1/nodes/{uuid7()}/state"), 404, "node_not_found")


def test_a_heartbeat_hints_at_a_pull_once_the_snapshot_has_changed(plane):
    project_id = plane.project()
    (one,) = enrol(plane, 1, project_id)
    assert one.beat()["reconcile"] is False
    other = Machine(plane, plane.enrol(project_id))
    plane.anchored(plane.domain_id(), 2)
    for machine in (one, other):
        machine.state()
        assert machine.beat()["reconcile"] is False
    other.rotate()
    assert (one.beat()["reconcile"], other.beat()["reconcile"]) == (True, False)
    assert one.beat()["reconcile"] is True
    plane.viewer.get(f"{one.path}/state")
    assert one.beat()["reconcile"] is True
    one.state()
    assert one.beat()["reconcile"] is False
    one.put("state/reports/a", {"value": "1"})
    assert (one.beat()["reconcile"], other.beat()["reconcile"]) == (True, False)
    one.state()
    one.put("state/reports/a", {"value": "1"})
    assert one.beat()["reconcile"] is False
    remove(plane, other)
    assert one.beat()["reconcile"] is True


def test_a_report_is_recorded_replaced_and_deleted(plane):
    (one,) = enrol(plane, 1)
    answer = one.put("state/reports/disk.free", {"value": "", "workload_tag": "backup"})
    assert (answer.status_code, answer.json()["key"]) == (200, "disk.free")
    assert one.state()["reports"]["reports"] == [{"key": "disk.free", "value": "", "workload_tag": "backup"}]
    one.put("state/reports/disk.free", {"value": "12"})
    assert one.state()["state"]["reports"] == [{"key": "disk.free", "value": "12"}]
    path = f"{one.path}/state/reports/disk.free"
    assert one.client.delete(path).status_code == 204
    refused(one.client.delete(path), 404, "report_not_found")
    assert one.state()["reports"]["reports"] == []


@pytest.mark.parametrize("key", ["A", "1", "a b", "a" * 129, "é", UUID(int=0).hex + "-"])
def test_a_key_has_a_form(plane, key):
    (one,) = enrol(plane, 1)
    refused(one.put(f"state/reports/{key}", {"value": "1"}), 400, "invalid_report")
    refused(one.client.delete(f"{one.path}/state/reports/{key}"), 404, "report_not_found")


def test_a_key_that_looks_like_an_id_is_kept_as_it_is(plane):
    (one,) = enrol(plane, 1)
    key = "f0000000-0000-7000-8000-00000000000a"
    assert one.put(f"state/reports/{key}", {"value": "1"}).json()["key"] == key
    refused(one.put(f"state/reports/{key.upper()}", {"value": "1"}), 400, "invalid_report")


@pytest.mark.parametrize(
    "body",
    [{}, {"value": 1}, {"value": None}, {"value": "a", "workload_tag": None}, {"value": "a", "more": 1}, []],
)
def test_what_is_not_a_report_is_refused(plane, body):
    (one,) = enrol(plane, 1)
    refused(one.put("state/reports/a", body), 400, "invalid_report")


def test_a_value_is_measured_in_bytes(plane):
    (one,) = enrol(plane, 1)
    assert one.put("state/reports/a", {"value": "é" * 2048}).status_code == 200
    refused(one.put("state/reports/a", {"value": "é" * 2049}), 400, "invalid_report")
    refused(one.put("state/reports/a", {"value": "a" * 200_000}), 413, "payload_too_large")


def test_a_node_keeps_256_reports(plane):
    (one,) = enrol(plane, 1)
    for number in range(256):
        assert one.put(f"state/reports/r{number}", {"value": "1"}).status_code == 200
    refused(one.put("state/reports/one-more", {"value": "1"}), 409, "report_quota_exceeded")
    assert one.put("state/reports/r7", {"value": "2"}).status_code == 200


def test_both_ends_of_an_edge_get_the_same_key(plane):
    one, other, third = enrol(plane, 3)
    answer = one.fetch(other.id)
    assert (answer.status_code, len(answer.content)) == (200, 60)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-plexsphere-psk-kid"]
    caller, peer = answer.headers["x-plexsphere-psk-epoch"].split("|")
    assert len(caller) == len(peer) == len("2006-01-02T15:04:05.000000000Z")
    back = other.fetch(one.id)
    assert back.headers["x-plexsphere-psk-epoch"] == f"{peer}|{caller}"
    key = edge_key(one, answer)
    assert (len(key), edge_key(other, back)) == (32, key)
    assert edge_key(one, one.fetch(third.id)) != key
    assert one.fetch(other.id).content != answer.content


def test_a_rotation_of_either_end_changes_the_key(plane):
    one, other = enrol(plane, 2)
    keys, epochs = [], []
    for machine in (None, one, other):
        if machine:
            machine.rotate()
        answer = one.fetch(other.id)
        keys.append(edge_key(one, answer))
        epochs.append(answer.headers["x-plexsphere-psk-epoch"])
    assert len(set(keys)) == 3
    assert epochs == sorted(epochs)


def test_who_has_no_edge_gets_no_key(plane):
    one, other = enrol(plane, 2)
    elsewhere = Machine(plane, plane.enrol(plane.project("beta", plane.domain_id("beta-llc"))))
    for peer in (one.id, uuid7(), "x", elsewhere.id):
        refused(one.fetch(peer), 404, "peer_not_found")
    refused(other.client.get(f"{one.path}/peers/{other.id}/psk"), 403, "node_id_mismatch")
    refused(plane.nobody.get(f"{one.path}/peers/{other.id}/psk"), 401, "unauthorized")
    refused(plane.admin.get(f"{one.path}/peers/{other.id}/psk"), 401, "nsk_invalid")
    remove(plane, other)
    refused(one.fetch(other.id), 404, "peer_not_found")
    refused(other.fetch(one.id), 401, "nsk_revoked")


def test_an_endpoint_is_recorded(plane):
    (one,) = enrol(plane, 1)
    for given, kept in (
        ("203.0.113.7:51820", "203.0.113.7:51820"),
        ("[2001:DB8:0::1]:1", "[2001:db8::1]:1"),
        ("10.0.0.1:65535", "10.0.0.1:65535"),
    ):
        answer = one.seen(given).json()
        accepted, stale = (datetime.fromisoformat(answer[name]) for name in ("accepted_at", "stale_after"))
        assert (stale - accepted).total_seconds() == 300
        assert value(plane.control, "SELECT endpoint FROM nodes") == kept


@each(
    "endpoint",
    [
        "", "x", "203.0.113.7", "203.0.113.7:", "203.0.113.7:0", "203.0.113.7:65536", "203.0.113.7:x", "a.example:1",
        "127.0.0.1:1", "0.0.0.0:1", "169.254.1.1:1", "[::1]:1", "[::]:1", "[fe80::1]:1", "[fe80::1%eth0]:1", "::1:1",
        "2001:db8::1:1", "[203.0.113.7]:1", "[::ffff:127.0.0.1]:1", "203.0.113.7:+1", "203.0.113.7:٣", "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_not_a_reachable_endpoint_is_refused(idle, endpoint):
    refused(idle.seen(endpoint), 400, "endpoint_unparseable")


def test_an_endpoint_report_is_checked_in_order(plane):
    (one,) = enrol(plane, 1)
    late = one.now(-61)
    for members in ({"more": 1}, {"nat_type": "odd"}, {"endpoint": 7}, {"reported_at": "now"}, {"reported_at": None}):
        refused(one.seen(**({"reported_at": late} | members)), 400, "malformed_endpoint_request")
    refused(one.seen("x", reported_at=late), 400, "endpoint_clock_skew")
    refused(one.client.put(f"{one.path}/endpoint", content=b" " * 5000), 413, "endpoint_body_too_large")


def test_a_node_that_is_not_anchored_has_no_endpoint_and_no_keys(tmp_path):
    with live_plane(tmp_path / "plane", anchor_delay_us=3600 * SECOND) as plane:
        project_id = plane.project()
        one, other = (Machine(plane, plane.enrol(project_id)) for _ in range(2))
        refused(one.seen(), 404, "endpoint_peer_not_found")
        refused(one.fetch(other.id), 409, "psk_not_ready")
        assert one.state()["peers"] == []


def test_a_manifest_is_recorded_and_compared_with_the_one_before(plane):
    (one,) = enrol(plane, 1)
    manifest = {
        "binary_version": "plexd-v1",
        "binary_checksum": DIGEST,
        "ssh_host_key_fingerprint": "SHA256:" + DIGEST[:43],
        "declared_hooks": [{"name": "post-install", "checksum": DIGEST}],
        "plexd_hooks": [
            {
                "name": "backup",
                "image_digest": "sha256:" + "a" * 64,
                "parameters": {"a": "b"},
                "timeout_seconds": 30,
                "sandbox": True,
            }
        ],
        "builtin_actions": [{"name": "diagnose", "parameters": [{"name": "depth", "type": "int", "required": True}]}],
    }
    first = one.put("capabilities", manifest).json()
    assert (first["fields_changed"], first["host_key_changed"]) == (sorted(manifest), True)
    again = one.put("capabilities", manifest).json()
    assert (again["fields_changed"], again["host_key_changed"]) == ([], False)
    del manifest["builtin_actions"]
    third = one.put("capabilities", manifest | {"binary_version": "plexd-v2", "builtin_actions": []}).json()
    assert (third["fields_changed"], third["host_key_changed"]) == (["binary_version", "builtin_actions"], False)


HOOK = {"name": "h", "checksum": DIGEST}
IMAGE = {"name": "h", "image_digest": "sha256:" + "a" * 64}


@each(
    ("members", "status", "code"),
    [
        ({"more": 1}, 400, "malformed_capabilities_request"),
        ({"binary_version": 7}, 400, "malformed_capabilities_request"),
        ({"declared_hooks": {}}, 400, "malformed_capabilities_request"),
        ({"declared_hooks": [7]}, 400, "malformed_capabilities_request"),
        ({"declared_hooks": [HOOK | {"more": 1}]}, 400, "malformed_capabilities_request"),
        ({"builtin_actions": [{"name": "a", "parameters": [{"name": "p", "more": 1}]}]}, 400,
         "malformed_capabilities_request"),
        ({"binary_version": " "}, 400, "binary_version_empty"),
        ({"binary_checksum": "ab" * 32}, 400, "binary_checksum_invalid"),
        ({"ssh_host_key_fingerprint": "MD5:aa"}, 400, "ssh_host_key_fingerprint_invalid"),
        ({"declared_hooks": [HOOK | {"name": " "}]}, 400, "declared_hook_invalid"),
        ({"declared_hooks": [{"name": "h"}]}, 400, "declared_hook_invalid"),
        ({"declared_hooks": [HOOK, HOOK]}, 400, "declared_hook_duplicate"),
        ({"declared_hooks": [HOOK | {"name": f"h{number}"} for number in range(129)]}, 400, "declared_hooks_too_many"),
        ({"plexd_hooks": [IMAGE | {"image_digest": "sha256:" + "A" * 64}]}, 422, "plexd_hook_invalid"),
        ({"plexd_hooks": [IMAGE | {"timeout_seconds": -1}]}, 422, "plexd_hook_invalid"),
        ({"plexd_hooks": [IMAGE | {"timeout_seconds": True}]}, 422, "plexd_hook_invalid"),
        ({"plexd_hooks": [IMAGE | {"parameters": {"a": 1}}]}, 422, "plexd_hook_invalid"),
        ({"plexd_hooks": [IMAGE, IMAGE]}, 422, "plexd_hook_duplicate"),
        ({"plexd_hooks": [IMAGE | {"name": f"h{number}"} for number in range(129)]}, 422, "plexd_hooks_too_many"),
        ({"builtin_actions": [{"name": ""}]}, 422, "builtin_action_invalid"),
        ({"builtin_actions": [{"name": "a", "parameters": [{"name": "p"}, {"name": "p"}]}]}, 422,
         "builtin_action_invalid"),
        ({"builtin_actions": [{"name": "a"}, {"name": "a"}]}, 422, "builtin_action_duplicate"),
        ({"builtin_actions": [{"name": f"a{number}"} for number in range(129)]}, 422, "builtin_actions_too_many"),
        ({"builtin_actions": [{"name": "a", "parameters": [{"name": f"p{n}"} for n in range(65)]}]}, 422,
         "builtin_actions_too_many"),
    ],
)  # fmt: skip
def test_what_is_not_a_manifest_has_a_code(idle, members, status, code):
    refused(idle.put("capabilities", {"binary_version": "v1", "binary_checksum": DIGEST} | members), status, code)


def test_a_large_manifest_is_refused(plane):
    (one,) = enrol(plane, 1)
    content = json.dumps({"binary_version": "v" * 40_000}).encode()
    refused(one.client.put(f"{one.path}/capabilities", content=content), 413, "capabilities_body_too_large")


def test_every_body_of_a_node_may_be_compressed(plane):
    (one,) = enrol(plane, 1)
    bodies = {
        "heartbeat": {"client_now": one.now(), "binary_checksum": DIGEST, "binary_version": "v", "nat_summary": {}},
        "state/reports/a": {"value": "x" * 2000},
        "endpoint": {"endpoint": "203.0.113.7:1", "nat_type": "unknown", "reported_at": one.now()},
        "capabilities": {"binary_version": "v" * 2000, "binary_checksum": DIGEST},
    }
    for name, body in bodies.items():
        content = gzip.compress(json.dumps(body).encode())
        method = "POST" if name == "heartbeat" else "PUT"
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        answer = one.client.request(method, f"{one.path}/{name}", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        refused(
            one.client.request(method, f"{one.path}/{name}", content=content, headers={"Content-Encoding": "br"}),
            415,
            "unsupported_content_coding",
        )


@pytest.mark.parametrize("row", [row for row in app.operations() if row.caller == "node"], ids=lambda row: row.name)
def test_a_credential_comes_before_everything_else(plane, row):
    one, other = enrol(plane, 2)
    path = row.path.replace("{id}", one.id).replace("{key}", "A").replace("{peer_node_id}", "x")
    refused(plane.nobody.request(row.method, path, content=b"{"), 401, "unauthorized")
    refused(plane.client("nsk_dev_x").request(row.method, path, content=b"{"), 401, "nsk_invalid")
    if "{id}" in row.path:
        refused(other.client.request(row.method, path, content=b"{"), 403, "node_id_mismatch")
    remove(plane, one)
    refused(one.client.request(row.method, path, content=b"{"), 401, "nsk_revoked")


def bridge(plane, project_id, name="rack-7"):
    """Enrol a bridge, and return its Machine and the path of its relay."""
    resource_id = plane.resource(project_id, kind="bridge", external_ref=name)
    body = plane.registration(project_id, plane.token(project_id), resource_handle=name, requested_resource_id="")
    machine = Machine(plane, created(plane.nobody.post("/v1/register", json=body)))
    return machine, f"/v1/projects/{project_id}/resources/{resource_id}/bridge/relay"


def relayed(plane, count):
    """Return the relays of each edge, by its ends."""
    edges = plane.anchored(plane.domain_id(), count)["edges"]
    return {(edge["source_node_id"], edge["target_node_id"]): edge["relay_node_id"] for edge in edges}


def test_a_bridge_relays_the_edges_of_a_node_behind_nat(plane):
    project_id = plane.project()
    behind, plain = (Machine(plane, plane.enrol(project_id)) for _ in range(2))
    relay, path = bridge(plane, project_id)
    plane.anchored(plane.domain_id(), 3)
    behind.seen("198.51.100.1:40000", "symmetric")
    assert set(relayed(plane, 3).values()) == {None}

    plane.admin.put(path, json={"enabled": True, "listen_port": 51821})
    ends = {(behind.id, plain.id), (plain.id, behind.id)}
    assert {ends: by for ends, by in relayed(plane, 3).items() if by} == dict.fromkeys(ends, relay.id)
    fallback = f"{relay.registered['mesh_ip']}:51821"
    for machine, other in ((behind, plain), (plain, behind)):
        found = {peer["node_id"]: peer.get("fallback_endpoint") for peer in machine.state()["peers"]}
        assert found == {other.id: fallback, relay.id: None}
        assert machine.state()["bridge"] is None
    assert all("fallback_endpoint" not in peer for peer in relay.state()["peers"])
    assignment = {"fallback_endpoint": relay.registered["mesh_ip"], "fallback_endpoint_port": 51821}
    assert relay.state()["bridge"] == {
        "relay": {
            "enabled": True,
            "listen_port": 51821,
            "assignments": [{"peer_node_id": peer, **assignment} for peer in sorted((behind.id, plain.id))],
        }
    }

    relay.seen("[2001:db8::7]:51820")
    assert plain.beat()["reconcile"] is True
    (found,) = [peer["fallback_endpoint"] for peer in plain.state()["peers"] if peer["node_id"] == behind.id]
    assert found == "[2001:db8::7]:51821"

    behind.beat(nat_summary={"nat_type": "full_cone"})
    assert plain.beat()["reconcile"] is True
    assert set(relayed(plane, 3).values()) == {None}
    behind.beat(nat_summary={"nat_type": "symmetric"})
    behind.beat(nat_summary={})
    assert {by for by in relayed(plane, 3).values() if by} == {relay.id}
    plane.admin.put(path, json={"enabled": False, "listen_port": 51821})
    assert set(relayed(plane, 3).values()) == {None}
    assert plain.beat()["reconcile"] is True
    assert relay.state()["bridge"]["relay"]["assignments"] == []


def test_another_bridge_takes_over_from_one_that_is_not_healthy(plane):
    project_id = plane.project()
    behind, plain = (Machine(plane, plane.enrol(project_id)) for _ in range(2))
    bridges = [bridge(plane, project_id, name) for name in ("rack-7", "rack-8")]
    plane.anchored(plane.domain_id(), 4)
    behind.seen("198.51.100.1:40000", "symmetric")
    for _, path in bridges:
        plane.admin.put(path, json={"enabled": True, "listen_port": 51821})
    (first, _), (second, _) = bridges
    assert {by for by in relayed(plane, 4).values() if by} == {first.id}
    plain.state()
    plane.clock.ahead += 31 * 60 * SECOND
    assert set(relayed(plane, 4).values()) == {None}
    second.beat()
    assert {by for by in relayed(plane, 4).values() if by} == {second.id}
    assert plain.beat()["reconcile"] is True
    first.beat()
    assert {by for by in relayed(plane, 4).values() if by} == {first.id}


def test_a_relay_is_configured_read_and_replaced(plane):
    project_id = plane.project()
    machine, path = bridge(plane, project_id)
    refused(plane.admin.get(path), 404, "resource_not_found")
    first = plane.admin.put(path, json={"enabled": True, "listen_port": 51821}).json()
    assert (first["enabled"], first["listen_port"]) == (True, 51821)
    assert plane.viewer.get(path).json() == first
    plane.clock.ahead += SECOND
    assert plane.admin.put(path, json={"enabled": True, "listen_port": 51821}).json() == first
    second = plane.admin.put(path, json={"enabled": False, "listen_port": 1}).json()
    assert second["created_at"] == first["created_at"]
    assert second["updated_at"] > first["updated_at"]
    remove(plane, machine)
    refused(plane.admin.get(path), 404, "resource_not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"enabled": True, "listen_port": 0}, "port_out_of_range"),
        ({"enabled": True, "listen_port": 65536}, "port_out_of_range"),
        ({"enabled": True, "listen_port": -1}, "port_out_of_range"),
        ({"enabled": True}, "invalid_body"),
        ({"listen_port": 1}, "invalid_body"),
        ({"enabled": 1, "listen_port": 1}, "invalid_body"),
        ({"enabled": True, "listen_port": True}, "invalid_body"),
        ({"enabled": True, "listen_port": "1"}, "invalid_body"),
        ({"enabled": True, "listen_port": 1, "more": 1}, "invalid_body"),
    ],
)
def test_what_is_not_a_relay_is_refused(plane, body, code):
    _, path = bridge(plane, plane.project())
    refused(plane.admin.put(path, json=body), 400, code)


def test_a_relay_needs_a_bridge_and_a_port_of_its_own(plane):
    project_id = plane.project()
    machine, path = bridge(plane, project_id)
    plane.anchored(plane.domain_id(), 1)
    body = {"enabled": True, "listen_port": 51820}
    other = plane.resource(project_id)
    refused(plane.admin.put(path.replace(path.split("/")[5], other), json=body), 409, "resource_not_bridge")
    refused(plane.admin.put(path.replace(project_id, plane.project("x")), json=body), 404, "resource_not_found")
    refused(plane.admin.put(path.replace(project_id, "x"), json=body), 404, "resource_not_found")
    machine.seen("203.0.113.7:51820")
    refused(plane.admin.put(path, json=body), 409, "bridge_port_conflict")
    refused(plane.viewer.put(path, json=body), 403, "permission_denied")
    refused(plane.outsider.get(path), 403, "permission_denied")
