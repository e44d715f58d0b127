"""peer wait and --wait: until it is so, for as long as --within says, whatever becomes of the server meanwhile."""

import pytest

from tests.fake_server import answer, problem
from tests.plane import live_plane, nsk_bearer, public_key
from tests.polling import Waits, nothing, rising
from tests.samples import CREATE, ID, OTHER_ID, PROJECT, ROTATE
from tests.tables import table
from tests.waiting import PATIENCE_SECONDS

PEERS = f"peer wait --domain {ID}"


def mesh(**states):
    nodes = [
        {"node_id": node, "mesh_ip": f"10.50.0.{number}", "reachability": state}
        for number, (node, state) in enumerate(states.items(), 1)
    ]
    return answer(200, {"nodes": nodes, "edges": []})


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    return Waits(monkeypatch)


def test_a_node_that_enrols_meanwhile_ends_the_wait(admin, plane, pauses):
    project, domain = plane.project(), plane.domain_id()

    def enrol():
        plane.enrol(project)
        plane.anchored(domain, 1)

    pauses.play(nothing, enrol)
    outcome = admin("peer wait --domain acme-corp --count 1")
    assert (outcome.code, outcome.stderr, len(pauses.asked)) == (0, "", 2)
    assert outcome.stdout == admin("peer list --domain acme-corp").stdout


def test_without_node_or_count_every_enrolled_node_is_waited_for(admin, plane):
    outcome = admin("peer wait --domain acme-corp --within 1s -o json")
    assert (outcome.code, outcome.error["kind"]) == (1, "timeout")
    assert outcome.error["detail"] == "after 1s (--within), no Node has enrolled in the Domain"
    project = plane.project()
    enrolled = [plane.enrol(project)["node_id"] for _ in range(3)]
    plane.anchored(plane.domain_id(), 3)
    outcome = admin("peer wait --domain acme-corp -o json")
    assert sorted(peer["node_id"] for peer in outcome.json["items"]) == sorted(enrolled)


def test_a_node_is_named_by_name_or_uuid_as_often_as_wanted(admin, plane):
    project = plane.project()
    nodes = [plane.enrol(project)["node_id"] for _ in range(3)]
    plane.anchored(plane.domain_id(), 3)
    first, second = nodes[:2]
    name = next(node["name"] for node in plane.admin.get("/v1/nodes").json()["items"] if node["id"] == first)
    outcome = admin(f"peer wait --domain acme-corp --node {name} --node {second} --for healthy")
    assert [row["NODE_ID"] for row in table(outcome.stdout)] == [first, second]
    assert admin("peer wait --domain acme-corp --node nobody").code == 4


def test_a_stale_node_is_waited_for_until_it_is_heard_of_again(admin, plane, pauses):
    node = plane.enrol(plane.project())
    plane.anchored(plane.domain_id(), 1)
    plane.clock.ahead += 45 * 60 * 1_000_000
    line = f"peer wait --domain acme-corp --node {node['node_id']} --for healthy"
    outcome = admin(f"{line} --within 1s")
    assert outcome.code == 1
    assert f"1 of 1 Nodes are not healthy: {node['node_id']} is stale" in outcome.stderr
    assert admin(line.replace("healthy", "anchored")).code == 0
    agent = plane.client(nsk_bearer(node))
    pauses.play(lambda: agent.get(f"/v1/nodes/{node['node_id']}/state").raise_for_status())
    assert admin(line).code == 0


def test_what_is_missing_is_named_with_its_state(against, server):
    server.play(mesh(**{ID: "stale"}))
    outcome = against(f"{PEERS} --node {ID} --node {OTHER_ID} --for healthy --within 10s -o json")
    assert (outcome.code, outcome.stdout, outcome.error["title"]) == (1, "", "Wait Timed Out")
    assert outcome.error["detail"] == (
        f"after 10s (--within), 2 of 2 Nodes are not healthy: {ID} is stale, {OTHER_ID} is not anchored"
    )
    server.play(mesh(a="healthy", b="dormant", c="stale", d="stale"))
    outcome = against(f"{PEERS} --count 3 --for healthy --within 1s")
    assert "1 of 3 Peers are healthy, 1 dormant, 2 stale" in outcome.stderr
    assert against(f"{PEERS} --count 4").code == 0


def test_ten_are_named_and_the_others_counted(against, server):
    nodes = " ".join(f"--node {ID[:-2]}{number}" for number in range(10, 40))
    server.play(mesh())
    assert "is not anchored and 20 more" in against(f"{PEERS} {nodes} --within 1s").stderr


def test_the_pauses_grow_to_five_seconds_and_the_last_look_is_close_to_the_end(against, server, pauses):
    server.play(mesh())
    assert against(f"{PEERS} --count 1").code == 1
    assert pauses.asked[:3] == [0.2, 0.32, 0.512]
    assert max(pauses.asked) == 5
    assert rising(pauses.asked[: pauses.asked.index(5.0)])
    assert 59.5 < pauses.seconds < 60


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_what_may_pass_is_survived(against, server, status):
    server.play(*[problem(status)] * 4, mesh(**{ID: "healthy"}))
    assert against(f"{PEERS} --count 1").code == 0


def test_a_broken_connection_is_survived_and_reported_in_the_end(against, server):
    server.play(mesh(), b"")
    outcome = against(f"{PEERS} --count 1 --within 3s")
    assert outcome.code == 1
    assert "0 of 1 Peers are anchored; the last attempt failed: Server Unreachable: " in outcome.stderr
    server.play(b"")
    assert "no response was received; the last attempt failed" in against(f"{PEERS} --count 1 --within 3s").stderr


def test_a_look_that_the_end_cuts_off_counts_for_nothing(against, server, pauses):
    def answer_too_late(_):
        pauses.seconds += 60
        while not server.stopped(PATIENCE_SECONDS):
            pass

    server.play(mesh(), answer_too_late)
    outcome = against(f"{PEERS} --count 1 -o json")
    assert (outcome.code, outcome.error["detail"]) == (1, "after 60s (--within), 0 of 1 Peers are anchored")


def test_retry_after_is_obeyed(against, server, pauses):
    server.play(answer(429, headers={"Retry-After": "40"}), mesh(**{ID: "healthy"}))
    assert against(f"{PEERS} --count 1 --timeout 10s").code == 0
    assert pauses.asked == [40]
    server.play(answer(429, headers={"Retry-After": "70"}))
    outcome = against(f"{PEERS} --count 1 -o json")
    assert (outcome.code, outcome.error["kind"], pauses.asked) == (1, "timeout", [40])


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (problem(401), 3),
        (problem(403, "permission_denied"), 77),
        (problem(404), 4),
        (problem(422), 2),
        (problem(500), 1),
        (answer(200, {"nodes": 1}), 1),
    ],
)
def test_everything_else_ends_the_wait_at_once(against, server, pauses, response, code):
    server.play(mesh(), response)
    assert against(f"{PEERS} --count 1").code == code
    assert len(pauses.asked) == 1


@pytest.mark.parametrize(
    "line",
    [
        f"{PEERS} --count 1 --node {ID}",
        f"{PEERS} --count 0",
        f"{PEERS} --within 0s",
        f"{PEERS} --for lunch",
        f"{CREATE} --within 1s",
        f"{ROTATE} --dry-run --wait",
        f"peer list --domain {ID} --interval 1s",
        f"peer list --domain {ID} --watch --interval 99ms",
    ],
)
def test_a_line_that_makes_no_sense_is_refused_before_any_request(against, server, line):
    assert against(line).code == 2
    assert server.requests == []


def test_a_project_is_returned_once_its_creator_may_read_it(plexctl, tmp_path):
    with live_plane(tmp_path / "plane", grant_delay_us=3_000_000) as plane:
        plexctl.environment |= {"PLEXSPHERE_URL": plane.url, "PLEXSPHERE_TOKEN": plane.bearers["admin"]}
        create = "project create --domain acme-corp --display-name N"
        outcome = plexctl(f"{create} --slug late --wait --within 1s -o json")
        assert (outcome.code, outcome.error["kind"]) == (1, "timeout")
        assert "is created, and the caller is not yet permitted to read it" in outcome.error["detail"]


def test_a_project_whose_grants_arrive_is_shown_as_it_is_read(against, server, pauses):
    denied = problem(403, "permission_denied")
    server.play(answer(201, PROJECT), denied, problem(404), answer(200, {**PROJECT, "name": "As Read"}))
    outcome = against(f"{CREATE} --wait -o json")
    assert (outcome.code, outcome.json["name"], len(pauses.asked)) == (0, "As Read", 2)
    assert [request.method for request in server.requests] == ["POST", "GET", "GET", "GET"]


def test_a_creation_that_fails_is_not_waited_for(against, server, pauses):
    server.play(problem(409))
    assert against(f"{CREATE} --wait").code == 1
    assert (len(server.requests), pauses.asked) == (1, [])


def test_a_rotation_is_waited_for_until_the_node_completes_it(admin, plane, pauses):
    node = plane.enrol(plane.project())
    plane.anchored(plane.domain_id(), 1)
    line = f"key rotate --node {node['node_id']} --wait"
    outcome = admin(f"{line} --within 1s -o json")
    assert (outcome.code, outcome.error["kind"]) == (1, "timeout")
    assert "is pending; the Node completes it after its next heartbeat" in outcome.error["detail"]
    agent = plane.client(nsk_bearer(node))
    complete = {"new_public_key": public_key()}
    pauses.play(nothing, lambda: agent.post("/v1/keys/rotate", json=complete).raise_for_status())
    outcome = admin(f"{line} -o json")
    assert (outcome.code, outcome.json["already_pending"]) == (0, True)
    assert outcome.json["node_id"] == node["node_id"]


def test_a_server_that_names_no_rotation_is_waited_for_too(against, server, pauses):
    preview = {
        "peer_id": OTHER_ID,
        "affected_peer_count": 0,
        "affected_edges": [],
        "already_pending": True,
        "estimated_duration_seconds": 0,
    }
    done = answer(200, {**preview, "already_pending": False})
    server.play(problem(409, "already_pending"), answer(200, preview), done)
    assert (against(f"{ROTATE} --wait").code, len(pauses.asked)) == (0, 1)
