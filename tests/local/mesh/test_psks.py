"""The pre-shared keys of a Node are found without a look at those of all others."""

from plexctl.local.control.mesh import psks


def _steps(world, node_id):
    """Count, in tens, the steps that SQLite takes to read a Node's keys and to replace them."""
    counted = []
    with world.control.write(None) as tx:
        tx._connection.set_progress_handler(lambda: counted.append(1), 10)
        assert len(psks.live(tx, node_id)) == 2
        psks.reissue(tx, world.domain_id, node_id)
        tx._connection.set_progress_handler(None, 0)
    return len(counted)


def test_the_keys_of_other_meshes_cost_nothing(world):
    nodes = [world.node(f"10.50.0.{number}") for number in (1, 2, 3)]
    before = _steps(world, nodes[1])
    for number in range(1, 31):
        world.node(f"10.60.0.{number}", domain_id=world.other_domain_id)
    assert world.one("SELECT count(*) FROM psks WHERE retired_at IS NULL") == (3 + 30 * 29 // 2,)
    assert _steps(world, nodes[1]) < 2 * before
