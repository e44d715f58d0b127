"""The life of a Node as one story: what its operator types, what its agent sends, and what its neighbour notices."""

from typing import Any

import pytest

from tests.command import Command
from tests.local.agent import DIGEST, SECOND, Machine, edge_key, following, take, verified
from tests.plane import created, live_plane, refused
from tests.waiting import eventually

HALF_AN_HOUR = 30 * 60 * SECOND  # of silence, after which the policy of a Domain calls a Node stale
SEEDED = ["acme-corp", "beta-llc", "gamma-cooperative"]


@pytest.fixture
def plane(tmp_path):
    with live_plane(tmp_path / "plane", events=True) as running:
        yield running


class Story:
    """An operator with a Domain and a Project, and the agents of their Nodes."""

    def __init__(self, plane: Any, plexctl: Command) -> None:
        self.plane = plane
        self._plexctl = plexctl
        self.domain_id = self.json("domain create --slug delta --display-name Delta --mesh-cidr 10.77.0.0/24")["id"]
        new = f"--domain {self.domain_id} --slug fleet --display-name Fleet"
        self.project_id = self.json(f"project create {new}")["id"]

    def json(self, line: str) -> Any:
        outcome = self._plexctl(f"{line} -o json")
        assert outcome.code == 0, outcome.stderr
        return outcome.json

    def does(self, line: str) -> None:
        outcome = self._plexctl(line)
        assert outcome.code == 0, outcome.stderr

    def refusal(self, line: str) -> tuple[int, str]:
        outcome = self._plexctl(f"{line} -o json")
        return outcome.code, outcome.error["code"]

    def adopts(self, name: str) -> str:
        where = f"--project-id {self.project_id}"
        return str(self.json(f"resource adopt {where} --kind vm --external-ref {name}")["id"])

    def registers(self, name: str) -> Machine:
        """Issue a token, redeem it by the name of an adopted Resource, and wait until the Node is a Peer."""
        options = "--kind node --env-prefix dev --ttl 1h"
        token = self.json(f"bootstrap-token issue --project {self.project_id} {options}")["token"]
        body = self.plane.registration(self.project_id, token, resource_handle=name, requested_resource_id="")
        agent = Machine(self.plane, created(self.plane.nobody.post("/v1/register", json=body)))
        eventually(lambda: agent.id in self.reachability())
        return agent

    def reachability(self) -> dict[str, str]:
        """Return how each Peer of the mesh is reached, by Node id."""
        peers = self.json(f"peer list --domain {self.domain_id}")["items"]
        return {peer["node_id"]: peer["reachability"] for peer in peers}


@pytest.fixture
def story(plane, plexctl):
    plexctl.environment |= {
        "PLEXSPHERE_URL": plane.url,
        "PLEXSPHERE_TOKEN": plane.bearers["admin"],
        "PLEXSPHERE_SIGNER_ENDPOINT": plane.signer_endpoint,
    }
    return Story(plane, plexctl)


def peers_of(agent):
    """Pull an agent's snapshot, and return the public key of each Peer, by Node id."""
    return {peer["node_id"]: peer["public_key"] for peer in agent.state()["peers"]}


def shared_key(one, other):
    """Fetch the key of an edge at both ends, which must open it to the same 32 bytes."""
    key = edge_key(one, one.fetch(other.id))
    assert len(key) == 32
    assert edge_key(other, other.fetch(one.id)) == key
    return key


def test_the_life_of_a_node(story):
    neighbour_resource = story.adopts("edge-router-01")
    resource = story.adopts("edge-router-02")
    neighbour, node = story.registers("edge-router-01"), story.registers("edge-router-02")
    learns_its_peer(node, neighbour)
    says_what_it_is(story, node)
    rotates_its_mesh_key(story, node, neighbour)
    follows_the_signing_key(story, node, neighbour)
    falls_silent_and_comes_back(story, node)
    is_deregistered(story, resource, node, neighbour)
    nothing_is_left(story, neighbour_resource)


def learns_its_peer(node, neighbour):
    assert (neighbour.registered["mesh_ip"], node.registered["mesh_ip"]) == ("10.77.0.1", "10.77.0.2")
    (peer,) = node.state()["peers"]
    assert (peer["node_id"], peer["mesh_ip"]) == (neighbour.id, "10.77.0.1")
    assert list(peers_of(neighbour)) == [node.id]
    shared_key(node, neighbour)


def says_what_it_is(story, node):
    assert node.seen("203.0.113.7:51820", nat_type="full_cone").status_code == 200
    assert node.put("capabilities", {"binary_version": "v1", "binary_checksum": DIGEST}).status_code == 200
    assert node.put("state/reports/disk.free", {"value": "12 GiB"}).status_code == 200
    assert story.json(f"state get --node {node.id}")["reports"]["reports"] == [{"key": "disk.free", "value": "12 GiB"}]
    node.state()
    heartbeat = node.beat()
    assert (heartbeat["reconcile"], heartbeat["rotate_keys"]) == (False, False)


def rotates_its_mesh_key(story, node, neighbour):
    key = shared_key(node, neighbour)
    with following(story.plane, node.registered) as own, following(story.plane, neighbour.registered) as others:
        rotation = story.json(f"key rotate --node {node.id}")["rotation_id"]
        (request,) = take(own, 1)
        assert (request.event, request.data["payload"]["rotation_id"]) == ("rotate_keys", rotation)
        assert verified(request.data, node.registered["signing_public_key"])
        assert node.beat()["rotate_keys"] is True  # for an agent that follows no events
        public_key = node.complete_rotation()
        assert take(others, 1)[0].data["payload"]["public_key"] == public_key
    assert node.beat()["rotate_keys"] is False
    assert neighbour.beat()["reconcile"] is True
    assert peers_of(neighbour) == {node.id: public_key}
    assert neighbour.beat()["reconcile"] is False
    assert shared_key(node, neighbour) != key


def follows_the_signing_key(story, node, neighbour):
    """While the two keys overlap, one event is signed by each, and both verify; then the old key is retired."""
    scope = f"--scope domain:{story.domain_id}"
    with following(story.plane, node.registered) as stream:
        story.does(f"signing rotate {scope} --new-key-id k2")
        (announced,) = take(stream, 1)
        payload = announced.data["payload"]
        assert (announced.event, payload["previous_key_id"]) == ("signing_key_rotated", announced.data["key_id"])
        assert verified(announced.data, node.registered["signing_public_key"])
        neighbour.rotate()
        (during,) = take(stream, 1)
        assert during.data["key_id"] == payload["key_id"]
        assert verified(during.data, payload["public_key"])
        story.does(f"signing close {scope} --old k1 --new k2")
    with following(story.plane, node.registered, last=str(int(announced.id) - 1)) as stream:
        replayed = take(stream, 2)
    assert [frame.id for frame in replayed] == [announced.id, during.id]
    assert all(verified(frame.data, payload["public_key"]) for frame in replayed)


def falls_silent_and_comes_back(story, node):
    for reachability in ("stale", "unreachable"):
        story.plane.clock.ahead += HALF_AN_HOUR
        assert story.reachability()[node.id] == reachability
    node.beat()
    assert story.reachability()[node.id] == "healthy"


def is_deregistered(story, resource, node, neighbour):
    """Its neighbour hears of it once: the next event is that of the Node which gets the free address."""
    neighbour.state()
    with following(story.plane, neighbour.registered) as stream:
        story.does(f"resource delete {resource} --yes")
        refused(node.get("state"), 401, "nsk_revoked")
        assert neighbour.beat()["reconcile"] is True
        assert peers_of(neighbour) == {}
        story.adopts("edge-router-03")
        newcomer = story.registers("edge-router-03")
        told = [(frame.data["payload"]["change"], frame.data["payload"]["node_id"]) for frame in take(stream, 2)]
    assert told == [("peer_left", node.id), ("peer_joined", newcomer.id)]
    assert newcomer.registered["mesh_ip"] == node.registered["mesh_ip"]


def nothing_is_left(story, neighbour_resource):
    assert story.refusal(f"project delete {story.project_id} --yes") == (1, "project_not_empty")
    assert story.refusal(f"domain delete {story.domain_id} --yes") == (1, "domain_not_empty")
    resources = [item["id"] for item in story.json(f"resource list --project-id {story.project_id}")["items"]]
    assert neighbour_resource in resources
    for left in resources:
        story.does(f"resource delete {left} --yes")
    story.does(f"project delete {story.project_id} --yes")
    story.does(f"domain delete {story.domain_id} --yes")
    assert [domain["slug"] for domain in story.json("domain list")["items"]] == SEEDED
