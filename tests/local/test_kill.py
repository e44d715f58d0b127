"""A plane killed in the middle of its work, and what the next one finds."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.local.crowd import Crowd
from tests.local.separate import separate_plane
from tests.local.wholeness import find_broken
from tests.long_mode import pick
from tests.plane import created, public_key
from tests.waiting import PATIENCE_SECONDS

AT_ONCE = 8
KILLED_AFTER = pick((1, 9), range(1, 13))  # answers
ROUNDS = pick(2, 50)
ROUNDS_PER_PLANE = 10
CLIENTS = pick(40, 200)


def _kill_amid(victim, calls, after):
    """Make the calls at once, kill the plane once so many are answered, and return the answers there were."""
    answers, enough = [], threading.Event()

    def attempt(call):
        try:
            answers.append(call())
        except httpx.TransportError:
            return
        finally:
            if len(answers) >= after:
                enough.set()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        pending = [threads.submit(attempt, call) for call in calls]
        assert enough.wait(PATIENCE_SECONDS)
        victim.kill()
    assert all(one.result() is None for one in pending)
    return answers


@pytest.mark.parametrize("after", KILLED_AFTER)
def test_no_registration_is_left_half_done(tmp_path, after):
    with separate_plane(tmp_path) as victim:
        project_id = victim.project("edge")
        bodies = [victim.registration(project_id) for _ in range(30)]
        calls = [lambda body=body: victim.nobody.post("/v1/register", json=body) for body in bodies]
        answered = [created(answer)["node_id"] for answer in _kill_amid(victim, calls, after)]

    with separate_plane(tmp_path) as victim:
        victim.settled()
        nodes = {node for (node,) in victim.rows("SELECT id FROM nodes")}
        assert nodes >= set(answered)
        whole = (
            "SELECT nodes.id FROM nodes JOIN resources ON resources.id = resource_id"
            " JOIN bootstrap_tokens ON bootstrap_tokens.id = token_id AND consumed_at IS NOT NULL"
            " JOIN peers ON peers.node_id = nodes.id"
        )
        assert {node for (node,) in victim.rows(whole)} == nodes
        assert victim.rows("SELECT count(*) FROM bootstrap_tokens WHERE consumed_at IS NOT NULL") == [(len(nodes),)]
        assert victim.rows("SELECT count(*) FROM resources") == [(len(nodes),)]
        assert victim.rows("SELECT count(*) FROM psks WHERE retired_at IS NULL") == [(len(nodes),)]

        again = [victim.nobody.post("/v1/register", json=body) for body in bodies]
        statuses = [answer.status_code for answer in again]
        assert statuses.count(201) == len(bodies) - len(nodes)
        assert {answer.json()["code"] for answer in again if answer.status_code != 201} <= {"token_consumed"}
        addresses = sorted(int(ip.rsplit(".", 1)[1]) for (ip,) in victim.rows("SELECT mesh_ip FROM nodes"))
        assert addresses == list(range(1, len(bodies) + 1))


@pytest.mark.parametrize("after", KILLED_AFTER)
def test_no_rotation_is_left_half_done_and_no_event_is_lost(tmp_path, after):
    with separate_plane(tmp_path) as victim:
        project_id = victim.project("edge")
        nodes = [
            created(victim.nobody.post("/v1/register", json=victim.registration(project_id))) for _ in range(AT_ONCE)
        ]
        victim.settled()
        clients = [victim.node(node) for node in nodes]
        for node in nodes:
            assert victim.admin.post(f"/v1/nodes/{node['node_id']}/keys/rotate").status_code == 200
        calls = [
            lambda client=client: client.post("/v1/keys/rotate", json={"new_public_key": public_key()})
            for client in clients
        ]
        calls += [lambda node=node: victim.admin.post(f"/v1/nodes/{node['node_id']}/keys/rotate") for node in nodes]
        answers = _kill_amid(victim, calls, after)
        assert {answer.status_code for answer in answers} == {200}
        for client in clients:
            client.close()

    with separate_plane(tmp_path) as victim:
        victim.settled()
        completed = victim.rows(
            "SELECT id, node_id, new_public_key FROM mesh_key_rotations WHERE completed_at NOT NULL"
        )
        keys = dict(victim.rows("SELECT id, public_key FROM nodes"))
        assert all(keys[node] == key for _, node, key in completed)
        receipts = {answer.json()["rotation_id"] for answer in answers if "kid" in answer.json()}
        assert receipts <= {rotation for rotation, _, _ in completed}
        assert victim.rows("SELECT count(*) FROM psks WHERE retired_at IS NULL") == [(AT_ONCE,)]
        assert victim.rows("SELECT count(*) FROM psks") == [(AT_ONCE + len(completed),)]
        told = dict(victim.rows("SELECT kind, count(*) FROM node_events GROUP BY kind"))
        rotations = victim.rows("SELECT count(*) FROM mesh_key_rotations")[0][0]
        assert told["rotate_keys"] == rotations
        assert told.get("peer_key_rotated", 0) == len(completed)


def _check_machine(victim, machine):
    """See that a machine's answers hold: what it was told is so, and its credential works."""
    token = victim.admin.get(f"/v1/projects/{machine.project_id}/bootstrap-tokens/{machine.token_id}").json()
    assert token["id"] == machine.token_id
    if machine.node is None:
        return
    assert token["consumed_at"]
    again = victim.nobody.post("/v1/register", json=machine.registration)
    assert (again.status_code, again.json()["code"]) == (403, "token_consumed")
    with victim.node(machine.node) as client:
        assert client.get(f"/v1/nodes/{machine.node['node_id']}/reachability").json()["state"] == "healthy"


def test_every_answer_holds_after_a_kill_amid_many_clients(tmp_path):
    """Kill a plane time and again, each time with all clients at work on another Domain of it."""
    chance = random.Random("kill")
    for number in range(ROUNDS):
        directory = tmp_path / f"plane-{number // ROUNDS_PER_PLANE}"
        with separate_plane(directory) as victim:
            body = {"name": "D", "slug": f"d-{number}", "mesh_cidr": f"10.{100 + number}.0.0/16"}
            domain_id = created(victim.admin.post("/v1/domains", json=body))["id"]
            crowd = Crowd(victim.plane.url, victim.bearer, domain_id)
            told = crowd.work_until(victim.kill, CLIENTS, after=chance.randint(pick(2 * CLIENTS, 1), 5 * CLIENTS))
        assert told.unexpected == []
        assert find_broken(directory, is_settled=False) == {}

        with separate_plane(directory) as victim:
            victim.settled()
            assert find_broken(directory, is_settled=True) == {}
            listed = {project for (project,) in victim.rows("SELECT id FROM projects")}
            assert set(told.projects) <= listed
            rotations = dict(victim.rows("SELECT id, completed_at FROM mesh_key_rotations"))
            for machine in told.machines:
                assert machine.requested is None or machine.requested["rotation_id"] in rotations
                assert machine.completed is None or rotations[machine.completed["rotation_id"]]
            for machine in chance.sample(told.machines, min(20, len(told.machines))):
                _check_machine(victim, machine)
            assert victim.nobody.get("/v1/health").json()["status"] == "ok"
