from plexctl.local.control.mesh import deliveries
from plexctl.local.control.worker import deliver_due


def live_psks(world):
    return world.all("SELECT low_node_id, high_node_id, generation, kid, wrap_key_version, wrapped FROM psks")


def test_a_node_is_no_peer_until_the_worker_has_anchored_it(world):
    node_id = world.node("10.50.0.1", anchored=False)
    assert world.all("SELECT node_id FROM peers") == []
    assert deliver_due(world.control) == 1
    assert world.all("SELECT node_id, domain_id FROM peers") == [(node_id, world.domain_id)]


def test_each_pair_of_peers_gets_one_wrapped_key(world):
    node_ids = [world.node(f"10.50.0.{host}") for host in range(1, 6)]
    psks = live_psks(world)
    pairs = {tuple(sorted((one, other))) for one in node_ids for other in node_ids if one != other}
    assert {(low, high) for low, high, *_ in psks} == pairs
    assert len(psks) == len(pairs) == 10
    secrets = set()
    for low, high, generation, kid, version, wrapped in psks:
        assert (generation, kid, version) == (1, "psk-software-v1", 1)
        secrets.add(world.control.vault.unwrap(world.domain_id, f"psk:{low}:{high}:1", wrapped))
    assert len(secrets) == 10
    assert {len(secret) for secret in secrets} == {32}


def test_domains_share_no_edge(world):
    world.node("10.50.0.1")
    world.node("10.60.0.1", domain_id=world.other_domain_id)
    assert live_psks(world) == []


def test_anchoring_again_changes_nothing(world):
    world.node("10.50.0.1")
    node_id = world.node("10.50.0.2")
    before = world.content()
    with world.control.write(None) as tx:
        deliveries.anchor(tx, node_id)
    assert world.content() == before
