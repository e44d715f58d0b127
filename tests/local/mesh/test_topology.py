import json
import tracemalloc

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import topology
from tests.local.world import MINUTE


def read(world, principal=None, domain_id=None):
    return json.loads(
        b"".join(topology.document(world.control, principal or world.viewer, domain_id or world.domain_id))
    )


def paths(document):
    return {(edge["source_node_id"], edge["target_node_id"]): edge for edge in document["edges"]}


def test_an_empty_domain_has_no_nodes_and_no_edges(world, clock):
    assert read(world) == {
        "domain_id": world.domain_id,
        "generated_at": to_wire(clock.time),
        "nodes": [],
        "edges": [],
    }


def test_one_node_has_no_edge(world):
    node_id = world.node("10.50.0.1")
    assert read(world)["nodes"] == [{"node_id": node_id, "mesh_ip": "10.50.0.1", "reachability": "healthy"}]
    assert read(world)["edges"] == []


def test_nodes_stand_by_numeric_address_and_edges_by_source_and_target_in_that_order(world):
    tenth, second, ninth = world.node("10.50.0.10"), world.node("10.50.0.2"), world.node("10.50.0.9")
    world.node("10.60.0.1", domain_id=world.other_domain_id)
    world.node("10.50.0.11", anchored=False)
    document = read(world)
    order = [second, ninth, tenth]
    assert [node["node_id"] for node in document["nodes"]] == order
    assert [(edge["source_node_id"], edge["target_node_id"]) for edge in document["edges"]] == [
        (source, target) for source in order for target in order if source != target
    ]
    assert {(edge["mode"], edge["relay_node_id"], edge["status"]) for edge in document["edges"]} == {
        ("direct", None, "healthy")
    }


def test_an_edge_is_as_well_as_its_worse_end(world, clock):
    unreachable = world.node("10.50.0.1")
    clock.advance(30 * MINUTE)
    stale = world.node("10.50.0.2")
    clock.advance(30 * MINUTE)
    healthy = world.node("10.50.0.3")
    document = read(world)
    assert [node["reachability"] for node in document["nodes"]] == ["unreachable", "stale", "healthy"]
    status = {ends: edge["status"] for ends, edge in paths(document).items()}
    assert status[healthy, stale] == status[stale, healthy] == "stale"
    assert status[healthy, unreachable] == status[unreachable, stale] == "unreachable"


def test_the_lowest_bridge_relays_a_node_behind_nat(world):
    behind = world.node("10.50.0.1", behind_nat=1)
    plain = world.node("10.50.0.2")
    world.relay(world.node("10.50.0.20", kind="bridge"))
    world.relay(bridge := world.node("10.50.0.3", kind="bridge"))
    edges = paths(read(world))
    for ends in ((behind, plain), (plain, behind)):
        assert (edges[ends]["mode"], edges[ends]["relay_node_id"]) == ("relayed", bridge)
        assert edges[ends]["fallback_endpoint"] == "10.50.0.3:51821"
    assert sum(edge["mode"] == "relayed" for edge in edges.values()) == 2
    assert (edges[behind, bridge]["mode"], edges[behind, bridge]["relay_node_id"]) == ("direct", None)
    assert "fallback_endpoint" not in edges[behind, bridge]


def test_without_an_anchored_bridge_a_node_behind_nat_is_direct(world):
    world.node("10.50.0.1", behind_nat=1)
    world.node("10.50.0.2")
    world.relay(world.node("10.50.0.3", kind="bridge", anchored=False))
    assert {edge["mode"] for edge in read(world)["edges"]} == {"direct"}


def test_a_denial_comes_before_existence_and_before_the_first_piece(world):
    for domain_id in (world.domain_id, uuid7()):
        with pytest.raises(Refusal) as refused:
            topology.document(world.control, world.outsider, domain_id)
        assert refused.value.code == "permission_denied"
        assert refused.value.extensions["reason"] == "out_of_scope"


def test_an_unknown_domain_is_not_found_for_who_may_know(world):
    with pytest.raises(Refusal) as refused:
        topology.document(world.control, world.viewer, uuid7())
    assert refused.value.code == "domain_not_found"


def test_a_large_mesh_streams_without_the_document_in_memory(world):
    for number in range(300):
        world.node(f"10.50.{number // 250}.{number % 250 + 1}", anchored=False)
    world.execute("INSERT INTO peers SELECT id, id, domain_id, 0 FROM nodes")
    tracemalloc.start()
    try:
        pieces = topology.document(world.control, world.viewer, world.domain_id)
        longest = length = edges = 0
        for piece in pieces:
            longest, length = max(longest, len(piece)), length + len(piece)
            edges += piece.count(b'"mode":')
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert edges == 300 * 299
    assert length > 13_000_000
    assert 256 * 1024 <= longest < 512 * 1024
    assert peak < 5_000_000
