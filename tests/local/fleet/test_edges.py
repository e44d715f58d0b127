import pytest

from plexctl.local.fleet import edges
from plexctl.local.plane_error import PlaneError


@pytest.mark.parametrize("nodes", range(1, 10))
def test_every_edge_of_a_small_mesh_is_used(nodes):
    ids = {str(number) for number in range(nodes)}
    assert all(edges.neighbours(node, ids - {node}) == ids - {node} for node in ids)


@pytest.mark.parametrize("nodes", [10, 11, 200])
def test_both_ends_of_an_edge_use_it(nodes):
    ids = {f"{number:03}" for number in range(nodes)}
    used = {node: edges.neighbours(node, ids - {node}) for node in ids}
    assert {len(others) for others in used.values()} == {8}
    assert all(node in used[other] for node, others in used.items() for other in others)


def test_a_key_that_is_not_sealed_for_the_node_ends_the_fleet():
    nsk = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    with pytest.raises(PlaneError, match="not sealed under"):
        edges.open_key(bytes(60), "a|b", nsk)
