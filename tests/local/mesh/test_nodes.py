import pytest

from plexctl.identifiers import uuid7
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import nodes
from plexctl.local.control.tenancy import resources


def test_nodes_are_listed_by_name_anchored_or_not(world, clock):
    second = world.node("10.50.0.2", anchored=False)
    first = world.node("10.50.0.1")
    items = nodes.list_page(world.control, world.viewer, 50, None)["items"]
    assert [item["id"] for item in items] == [first, second]
    adopted = resources.list_page(world.control, world.viewer, world.project_id, 50, None)["items"]
    (resource,) = [each for each in adopted if each["external_ref"] == "edge-10.50.0.1"]
    assert items[0] == {
        "id": first,
        "name": "edge-10.50.0.1",
        "domain_id": world.domain_id,
        "project_id": world.project_id,
        "resource_id": resource["id"],
        "kind": "vm",
        "mesh_ip": "10.50.0.1",
        "reachability": "healthy",
        "created_at": to_wire(clock.time),
    }


def test_pages_follow_each_other(world):
    expected = [world.node(f"10.50.0.{host}", anchored=False) for host in range(1, 8)]
    seen, cursor = [], None
    for _ in range(4):
        page = nodes.list_page(world.control, world.admin, 2, cursor)
        seen += [item["id"] for item in page["items"]]
        cursor = page.get("next_cursor")
    assert seen == expected
    assert cursor is None


def test_a_filter_keeps_one_domain(world):
    node_id = world.node("10.50.0.1")
    for domain_id, expected in (
        (world.domain_id, [node_id]),
        (world.other_domain_id, []),
        (uuid7(), []),
    ):
        items = nodes.list_page(world.control, world.viewer, 50, None, domain_id)["items"]
        assert [item["id"] for item in items] == expected


def test_a_foreign_cursor_is_refused(world):
    for host in (1, 2):
        world.node(f"10.50.0.{host}")
    cursor = nodes.list_page(world.control, world.admin, 1, None)["next_cursor"]
    for arguments, code in (
        ((world.admin, 1, "made-up", ""), "invalid_cursor"),
        ((world.admin, 1, cursor, world.domain_id), "invalid_cursor"),
        ((world.viewer, 1, cursor, ""), "cursor_binding_mismatch"),
    ):
        with pytest.raises(Refusal) as refused:
            nodes.list_page(world.control, *arguments)
        assert refused.value.code == code


def test_what_a_caller_may_not_read_is_left_out(world):
    world.node("10.50.0.1")
    assert nodes.list_page(world.control, world.outsider, 50, None) == {"items": []}
