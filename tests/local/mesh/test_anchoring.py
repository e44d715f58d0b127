import itertools

from plexctl.local.control.mesh import deliveries, psks
from plexctl.local.control.mesh.deliveries import NodeRegistered
from plexctl.local.control.worker import deliver_due


def live_psks(world):
    return world.all("SELECT node_id, generation, kid, wrap_key_version, retired_at FROM psks ORDER BY node_id")


def test_a_node_is_no_peer_until_the_worker_has_anchored_it(world):
    node_id = world.node("10.50.0.1", anchored=False)
    assert world.all("SELECT node_id FROM peers") == []
    assert deliver_due(world.control) == 1
    assert world.all("SELECT node_id, domain_id FROM peers") == [(node_id, world.domain_id)]


def test_each_peer_gets_one_wrapped_key_and_each_pair_a_key_of_its_own(world):
    node_ids = sorted(world.node(f"10.50.0.{host}") for host in range(1, 6))
    assert live_psks(world) == [(node_id, 1, "psk-software-v1", 1, None) for node_id in node_ids]
    with world.control.read(None) as tx:
        own = [psk for node_id in node_ids if (psk := psks.live(tx, world.domain_id, node_id))]
    for one, other in itertools.combinations(own, 2):
        assert psks.edge_key(one, other) == psks.edge_key(other, one)
    keys = {psks.edge_key(one, other) for one, other in itertools.combinations(own, 2)}
    assert len(keys | {psk.octets for psk in own}) == 10 + 5
    assert {len(key) for key in keys} == {32}


def test_domains_share_no_edge(world):
    here, there = world.node("10.50.0.1"), world.node("10.60.0.1", domain_id=world.other_domain_id)
    with world.control.read(None) as tx:
        assert psks.edges(tx, here) == psks.edges(tx, there) == []


def test_anchoring_again_changes_nothing(world):
    world.node("10.50.0.1")
    node_id = world.node("10.50.0.2")
    before = world.content()
    with world.control.write(None) as tx:
        deliveries.anchor(tx, NodeRegistered(node_id), 1)
    assert world.content() == before
