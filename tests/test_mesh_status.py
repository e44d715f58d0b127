"""mesh status, as a cron job asks: exit code 0 only where all is healthy, and otherwise who is worst off."""

import pytest

from tests.fake_server import answer, problem
from tests.samples import ID
from tests.tables import table

STATUS = f"mesh status --domain {ID}"
NODES = [f"{ID[:-1]}{number}" for number in range(5)]
NOW = "2026-05-01T12:00:00Z"


def listing(count, **members):
    names = ({"id": id_, "name": f"edge-{number}", "domain_id": ID} for number, id_ in enumerate(NODES[:count]))
    return answer(200, {"items": [{**node, "created_at": NOW, **members} for node in names]})


def mesh(*states, edges=()):
    nodes = [
        {"node_id": id_, "mesh_ip": "10.50.0.1", "reachability": state}
        for id_, state in zip(NODES, states, strict=False)
    ]
    found = [
        {"source_node_id": NODES[source], "target_node_id": NODES[target], **members}
        for source, target, members in edges
    ]
    return answer(200, {"nodes": nodes, "edges": found})


def counted(stdout):
    return {row["CHECK"]: (row["COUNT"], row["WORST"]) for row in table(stdout)}


def test_a_healthy_mesh_is_exit_code_0_after_two_requests(against, server):
    relayed = {"mode": "relayed", "relay_node_id": NODES[2], "status": "healthy"}
    edges = [(0, 1, {"mode": "direct", "status": "healthy"}), (1, 0, relayed)]
    server.play(mesh("healthy", "healthy", edges=edges), listing(2))
    outcome = against(STATUS)
    assert (outcome.code, outcome.stderr, len(server.requests)) == (0, "", 2)
    assert counted(outcome.stdout) == {
        "nodes healthy": ("2", "-"),
        "nodes stale": ("0", "-"),
        "nodes unreachable": ("0", "-"),
        "nodes not anchored": ("0", "-"),
        "edges direct": ("1", "-"),
        "edges relayed": ("1", "edge-1 (1)"),
        "edges stale": ("0", "-"),
        "edges unreachable": ("0", "-"),
    }


def test_the_real_mesh_of_a_fleet_that_falls_silent(admin, plane):
    line = "mesh status --domain acme-corp"
    assert admin(line).code == 0
    project = plane.project()
    for _ in range(3):
        plane.enrol(project)
    plane.anchored(plane.domain_id(), 3)
    assert admin(f"{line} -o json").json["healthy"] is True
    plane.clock.ahead += 45 * 60 * 1_000_000
    outcome = admin(line)
    assert outcome.code == 1
    assert outcome.stderr == "plexctl: Mesh Not Healthy: nodes stale 3, edges stale 6\n"
    assert counted(outcome.stdout)["nodes stale"] == ("3", "edge-router-001, edge-router-002, edge-router-003")
    assert counted(outcome.stdout)["edges direct"] == ("6", "-")


def test_what_is_wrong_is_counted_and_named(against, server):
    bad = {"mode": "direct", "status": "unreachable"}
    server.play(mesh("healthy", "unreachable", edges=[(0, 1, bad), (1, 0, bad)]), listing(5))
    outcome = against(STATUS)
    assert outcome.code == 1
    assert outcome.stderr == (
        "plexctl: Mesh Not Healthy: nodes unreachable 1, nodes not anchored 3, edges unreachable 2\n"
    )
    found = counted(outcome.stdout)
    assert found["nodes unreachable"] == ("1", "edge-1")
    assert found["nodes not anchored"] == ("3", "edge-2, edge-3, edge-4")
    assert found["edges unreachable"] == ("2", "edge-0 (2)")


def test_three_are_named_and_the_others_counted(against, server):
    server.play(mesh(*["stale"] * 5), listing(5))
    assert counted(against(STATUS).stdout)["nodes stale"][1] == "edge-0, edge-1, edge-2 and 2 more"


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_a_document_has_the_checks_on_stdout_and_the_error_on_stderr(against, server, output):
    server.play(mesh("dormant"), listing(1, name=None))
    outcome = against(f"{STATUS} -o {output}")
    assert outcome.code == 1
    assert "conflict" in outcome.stderr
    if output == "json":
        assert outcome.error["detail"] == "nodes dormant 1"
        assert outcome.json["healthy"] is False
        assert {"check": "nodes dormant", "count": 1, "worst": NODES[0]} in outcome.json["checks"]


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([problem(403, "permission_denied")], 77),
        ([mesh(), problem(403, "permission_denied")], 77),
        ([problem(404)], 4),
        ([mesh(), problem(401)], 3),
        ([mesh(), problem(500)], 1),
        ([answer(200, {"nodes": []})], 1),
    ],
)
def test_a_check_that_cannot_be_made_has_its_own_code_and_prints_nothing(against, server, acts, code):
    server.play(*acts)
    outcome = against(STATUS)
    assert (outcome.code, outcome.stdout) == (code, "")
