"""A fleet of honest Nodes, as an operator sees it."""

import json
import logging
import signal

import pytest

from plexctl.local import node_keys
from tests.local.database import rows
from tests.local.fleet.fleets import all_items, check_whole, files, fleet, topology
from tests.local.processes import failed
from tests.long_mode import pick
from tests.plane import created
from tests.terminal import Terminal
from tests.waiting import eventually

MINUTE = 60 * 1_000_000
MANY = pick(15, 200)


@pytest.fixture
def domain_id(plane):
    return plane.domain("fleet", "10.77.0.0/16")


@pytest.fixture
def project_id(plane, domain_id):
    return plane.project("fleet", domain_id)


def test_nodes_enrol_and_keep_contact_but_for_the_silent_ones(plexctl, plane, domain_id, project_id):
    directory = plane.plane.data_dir
    with fleet(plexctl, directory, f"--project {project_id} --nodes 6 --silent 2 --interval 100ms") as running:
        running.until_complete()
        assert {node["reachability"] for node in topology(plane.admin, domain_id)["nodes"]} == {"healthy"}
        check_whole(plane.admin, project_id, directory, 6)

        plane.clock.ahead = 31 * MINUTE

        states = ["stale"] * 2 + ["healthy"] * 4
        ids = [node.node_id for node in files(directory)]
        eventually(lambda: _states(plane, domain_id, ids), lambda found: found == states)
        assert running.end() == (130, "plexctl: interrupted\n")


def _states(plane, domain_id, node_ids):
    found = {node["node_id"]: node["reachability"] for node in topology(plane.admin, domain_id)["nodes"]}
    return [found[node_id] for node_id in node_ids]


def test_nodes_behind_nat_are_relayed_once_there_is_a_bridge(plexctl, plane, domain_id, project_id):
    directory = plane.plane.data_dir
    with fleet(plexctl, directory, f"--project {project_id} --nodes 4 --behind-nat 1 --interval 100ms") as running:
        running.until_complete()
        last = files(directory)[-1].node_id
        assert {edge["mode"] for edge in topology(plane.admin, domain_id)["edges"]} == {"direct"}

        resource_id = plane.resource(project_id, kind="bridge", external_ref="gate")
        bridge = plane.registration(project_id, plane.token(project_id), resource_handle="gate")
        created(plane.nobody.post("/v1/register", json=bridge))
        relay = {"enabled": True, "listen_port": 51821}
        path = f"/v1/projects/{project_id}/resources/{resource_id}/bridge/relay"
        assert plane.admin.put(path, json=relay).is_success
        plane.anchored(domain_id, 5)

        edges = topology(plane.admin, domain_id)["edges"]
        relayed = [edge for edge in edges if edge["mode"] == "relayed"]
        assert len(relayed) == 6
        assert all(last in (edge["source_node_id"], edge["target_node_id"]) for edge in relayed)
        current = f"SELECT count(DISTINCT pulled_revision) FROM nodes WHERE id IN {_ids(files(directory))}"
        eventually(lambda: rows(plane.control, current), lambda found: found == [(1,)])


def _ids(nodes):
    return tuple(node.node_id for node in nodes)


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_the_next_run_goes_on_with_the_nodes_there_are(plexctl, plane, project_id, number, code, word):
    directory = plane.plane.data_dir
    line = f"--project {project_id} --interval 100ms"
    with fleet(plexctl, directory, f"{line} --nodes 3") as running:
        running.until_complete()
        assert running.end(number) == (code, f"plexctl: {word}\n")
    before = files(directory)

    with fleet(plexctl, directory, f"{line} --nodes 5") as running:
        running.until_complete()
        assert files(directory)[:3] == before
        check_whole(plane.admin, project_id, directory, 5)


def test_every_key_is_rotated_and_every_edge_gets_its_new_key(plexctl, plane, domain_id, project_id, caplog):
    directory = plane.plane.data_dir
    with fleet(plexctl, directory, f"--project {project_id} --nodes {MANY} --interval 500ms") as running:
        running.until_complete()
        before = files(directory)
        caplog.set_level(logging.INFO, "plexctl.local.http")
        for node in before:
            assert plane.admin.post(f"/v1/nodes/{node.node_id}/keys/rotate").is_success
        signer = f"--signer-endpoint {plane.signer_endpoint}"
        scope = f"signing rotate --scope domain:{domain_id} --new-key-id k2 {signer}"
        assert plexctl(scope, PLEXSPHERE_TOKEN=plane.bearers["admin"]).code == 0

        done = "SELECT count(*) FROM mesh_key_rotations WHERE completed_at IS NOT NULL"
        eventually(lambda: rows(plane.control, done), lambda found: found == [(MANY,)])
        eventually(lambda: [node for node in files(directory) if node.next_private_key], lambda left: left == [])
        after = files(directory)
        keys = dict(rows(plane.control, "SELECT id, public_key FROM nodes"))
        expected = [keys[node.node_id] for node in after]
        assert [node_keys.public_key(node.private_key) for node in after] == expected
        assert not {node.private_key for node in before} & {node.private_key for node in after}
        eventually(lambda: _edges_fetched(caplog), lambda edges: len(edges) == MANY * 8)
        assert running.end()[0] == 130
    assert _statuses(caplog) == {200}


def test_a_new_key_of_one_node_changes_its_edges_at_both_ends_only(plexctl, plane, project_id, caplog):
    directory = plane.plane.data_dir
    with fleet(plexctl, directory, f"--project {project_id} --nodes 4 --interval 100ms") as running:
        running.until_complete()
        caplog.set_level(logging.INFO, "plexctl.local.http")
        own, *others = (node.node_id for node in files(directory))

        assert plane.admin.post(f"/v1/nodes/{own}/keys/rotate").is_success

        expected = {f"/v1/nodes/{one}/peers/{two}/psk" for peer in others for one, two in ((own, peer), (peer, own))}
        eventually(lambda: _edges_fetched(caplog), lambda found: found == expected)
        assert running.end()[0] == 130
    assert _edges_fetched(caplog) == expected


def _lines(caplog):
    return [record.fields for record in list(caplog.records) if record.name == "plexctl.local.http"]


def _edges_fetched(caplog):
    return {line["path"] for line in _lines(caplog) if line["path"].endswith("/psk")}


def _statuses(caplog):
    return {line.get("status", 200) for line in _lines(caplog)} - {None}


def test_a_node_that_is_deregistered_stays_gone_until_the_next_run(plexctl, plane, project_id):
    directory = plane.plane.data_dir
    line = f"--project {project_id} --nodes 3 --interval 100ms"
    with fleet(plexctl, directory, line) as running:
        running.until_complete()
        first, *others = files(directory)
        _deregister(plane, project_id, [first])

        eventually(lambda: files(directory), lambda found: _ids(found) == _ids(others))
        code, words = running.end()
    assert (code, words) == (130, "plexctl: Nodes deregistered: 1, left: 2\nplexctl: interrupted\n")

    with fleet(plexctl, directory, line) as running:
        running.until_complete()
        check_whole(plane.admin, project_id, directory, 3)
        _deregister(plane, project_id, files(directory))
        assert running.ended() == (0, "plexctl: Nodes deregistered: 3, left: 0\n")
    assert files(directory) == []


def _deregister(plane, project_id, nodes):
    resources = all_items(plane.admin, f"/v1/projects/{project_id}/resources")
    for resource in resources:
        if resource["external_ref"] in {node.handle for node in nodes}:
            assert plane.admin.delete(f"/v1/resources/{resource['id']}").status_code == 204


def test_no_secret_stands_in_a_command_line_a_log_or_a_message(plexctl, plane, project_id, caplog):
    caplog.set_level(logging.DEBUG)
    directory = plane.plane.data_dir
    with fleet(plexctl, directory, f"-v --project {project_id} --nodes 2 --interval 100ms") as running:
        eventually(lambda: len(_lines(caplog)) > 20)
        command_line = running.command_line
        said = running.end()[1] + command_line + json.dumps(_lines(caplog), default=str) + caplog.text
    for node in files(directory):
        assert node.handle not in command_line
        for secret in (node.private_key, node.nsk, node.bearer, plane.bearers["admin"]):
            assert secret not in said
        assert not any(secret in repr(node) for secret in (node.private_key, node.nsk))


def test_a_project_given_by_its_slug_is_looked_up_on_the_plane_and_not_on_the_configured_server(
    plexctl, plane, project_id
):
    plexctl.environment |= {"PLEXSPHERE_URL": "http://127.0.0.1:1", "PLEXSPHERE_TOKEN": "of-another-server"}
    directory = plane.plane.data_dir
    with fleet(plexctl, directory, "--project fleet --domain fleet --nodes 1") as running:
        running.until_complete()
        check_whole(plane.admin, project_id, directory, 1)
    outcome = plexctl("local fleet --project nobody --nodes 1 --data-dir", directory)
    assert outcome.code == 4
    assert "no Project has the slug 'nobody'" in outcome.stderr


def test_two_fleets_over_one_directory_are_refused(plexctl, plane, project_id):
    directory = plane.plane.data_dir
    line = f"local fleet --project {project_id} --nodes 1 --data-dir"
    with fleet(plexctl, directory, f"--project {project_id} --nodes 1") as running:
        running.until_complete()
        failed(plexctl.child(line, directory), "a fleet is already running", "stop it first")


def test_a_full_pool_ends_the_fleet(plexctl, plane):
    project_id = plane.project("small", plane.domain("small", "10.78.0.0/29"))
    directory = plane.plane.data_dir

    shown = Terminal(plexctl)(
        f"local fleet --project {project_id} --nodes 9 --data-dir {directory}", on="stderr", code=1
    )

    assert "\r\x1b[K0 of 9 Nodes enrolled, 0 in the mesh" in shown.terminal
    assert "Pool Exhausted" in shown.terminal
    with fleet(plexctl, directory, f"--project {project_id} --nodes 6 --interval 100ms") as running:
        running.until_complete()
        check_whole(plane.admin, project_id, directory, 6)


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ("--nodes 0", "'0' is not a whole number from 1 to 1000"),
        ("--nodes 1001", "'1001' is not a whole number from 1 to 1000"),
        ("--nodes x", "'x' is not a whole number"),
        ("--nodes 3 --behind-nat 2 --silent 2", "2 and 2 Nodes are more than --nodes 3"),
        ("--nodes 3 --interval 99ms", "'99ms' is shorter than 100ms"),
    ],
)
def test_numbers_that_make_no_fleet_are_refused(plexctl, flags, complaint):
    outcome = plexctl(f"local fleet --project 019ed19b-68dc-7aa9-8995-80e810444cce {flags}")
    assert outcome.code == 2
    assert complaint in outcome.stderr


def test_no_plane_and_no_project_are_said(plexctl, plane, tmp_path):
    line = "local fleet --project 019ed19b-68dc-7aa9-8995-80e810444cce --nodes 1 --data-dir"
    failed(plexctl(line, tmp_path / "none"), "no plane is running")
    outcome = plexctl(line, plane.plane.data_dir)
    assert outcome.code == 4
    assert "Project Not Found" in outcome.stderr
    assert not (plane.plane.data_dir / "fleet").exists()
