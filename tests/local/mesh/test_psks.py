"""The pre-shared keys: how an edge's is derived, and what one rotation costs in a mesh of any size."""

from plexctl.local.control.mesh import psks
from plexctl.local.control.mesh.psks import Psk

LOW, HIGH = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"


def _steps(world, node_id):
    """Count the steps that SQLite takes to replace a Node's key."""
    counted = []
    with world.control.write(None) as tx:
        tx._connection.set_progress_handler(lambda: counted.append(1), 1)
        psks.reissue(tx, world.domain_id, node_id)
        tx._connection.set_progress_handler(None, 0)
    return len(counted)


def test_a_rotation_costs_the_same_in_a_mesh_of_any_size(world):
    nodes = [world.node(f"10.50.0.{number}") for number in (1, 2, 3)]
    before = _steps(world, nodes[1])
    for number in range(4, 64):
        world.node(f"10.50.0.{number}")
    assert _steps(world, nodes[2]) < 2 * before


def test_the_key_of_an_edge_is_the_one_that_is_documented():
    one, other = Psk(LOW, bytes(range(32)), 1), Psk(HIGH, bytes(range(32, 64)), 2)
    documented = "3823b12a0de8393a48f06394fe45c5f9390c5abd039c16480a8a444d1fa5d107"  # by RFC 5869's two HMACs
    assert psks.edge_key(one, other).hex() == psks.edge_key(other, one).hex() == documented


def test_the_key_of_an_edge_depends_on_both_keys_and_on_both_nodes():
    one, other = Psk(LOW, b"a" * 32, 1), Psk(HIGH, b"b" * 32, 1)
    swapped = Psk(LOW, b"b" * 32, 1), Psk(HIGH, b"a" * 32, 1)
    third = Psk(LOW.replace("01", "03"), b"a" * 32, 1)
    keys = {psks.edge_key(*pair) for pair in ((one, other), swapped, (third, other), (one, Psk(HIGH, b"c" * 32, 1)))}
    assert len(keys) == 4


def test_a_key_is_issued_later_than_the_one_before_even_if_the_clock_stepped_back(world, clock):
    node_id = world.node("10.50.0.1")
    clock.advance(-7200 * 1_000_000)
    with world.control.write(None) as tx:
        psks.reissue(tx, world.domain_id, node_id)
    (first,), (second,) = world.all("SELECT issued_at FROM psks ORDER BY generation")
    assert second == first + 1
