"""Rules for ranges of mesh addresses: no two overlap, sub-ranges are inside the pool, Nodes are inside both."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plexctl.local.control.base import reasons
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.tenancy import addresses
from plexctl.local.store import Row


def check_mesh_cidr_is_free(tx: Transaction, domain: Mapping[str, Any]) -> None:
    """Refuse a pool that overlaps another Domain's.

    Raises: Refusal(mesh_cidr_overlap).
    """
    proposed = domain["mesh_cidr"]
    for (taken,) in tx.execute("SELECT mesh_cidr FROM domains WHERE id <> ?", (domain["id"],)):
        if addresses.overlap(proposed, taken):
            raise Refusal(reasons.MESH_CIDR_OVERLAP, f"mesh_cidr {proposed} overlaps another Domain's {taken}")


def check_mesh_cidr_keeps(tx: Transaction, domain: Mapping[str, Any]) -> None:
    """Refuse a pool that leaves out a sub-range or an address of the Domain.

    Raises: Refusal(mesh_cidr_invalidates_subrange, mesh_cidr_invalidates_allocation).
    """
    proposed = domain["mesh_cidr"]
    reservations = tx.execute(
        "SELECT id, sub_range FROM projects WHERE domain_id = ? AND sub_range IS NOT NULL", (domain["id"],)
    )
    for project_id, reserved in reservations:
        if not addresses.contains(proposed, reserved) or not addresses.can_hold_a_node(proposed, reserved):
            raise Refusal(
                reasons.MESH_CIDR_INVALIDATES_SUBRANGE,
                f"mesh_cidr {proposed} leaves no address in sub_range {reserved} of project_id {project_id}",
            )
    nodes = tx.execute("SELECT id, mesh_ip FROM nodes WHERE domain_id = ?", (domain["id"],))
    _check_nodes(nodes, proposed, addresses.offers, reasons.MESH_CIDR_INVALIDATES_ALLOCATION)


def check_sub_range_is_free(
    tx: Transaction, domain: Mapping[str, Any], project: Mapping[str, Any], overlap: Reason
) -> None:
    """Refuse a sub-range that is outside the Domain's pool, could hold no Node, or overlaps a sibling's.

    Nodes of other Projects may stand inside: they keep their addresses, and no more are handed out there.

    Raises: Refusal(invalid_project, overlap).
    """
    proposed = project["sub_range"]
    if not addresses.contains(domain["mesh_cidr"], proposed):
        raise Refusal(
            reasons.INVALID_PROJECT,
            f"sub_range_cidr {proposed} is not inside the Domain's mesh_cidr {domain['mesh_cidr']}",
        )
    if not addresses.can_hold_a_node(domain["mesh_cidr"], proposed):
        detail = (
            f"sub_range_cidr {proposed} could hold no Node: it is an address that {domain['mesh_cidr']} hands to none"
        )
        raise Refusal(reasons.INVALID_PROJECT, detail)
    siblings = tx.execute(
        "SELECT id, sub_range FROM projects WHERE domain_id = ? AND id <> ? AND sub_range IS NOT NULL",
        (domain["id"], project["id"]),
    )
    for sibling_id, reserved in siblings:
        if addresses.overlap(proposed, reserved):
            raise Refusal(
                overlap, f"sub_range_cidr {proposed} overlaps sub_range {reserved} of project_id {sibling_id}"
            )


def check_sub_range_keeps(tx: Transaction, project: Mapping[str, Any]) -> None:
    """Refuse a sub-range that leaves out a Node of the Project.

    A Node may have the sub-range's first or last address: only the pool has a network and a broadcast address.

    Raises: Refusal(sub_range_invalidates_allocation).
    """
    nodes = tx.execute("SELECT id, mesh_ip FROM nodes WHERE project_id = ?", (project["id"],))
    _check_nodes(nodes, project["sub_range"], addresses.contains, reasons.SUB_RANGE_INVALIDATES_ALLOCATION)


def _check_nodes(nodes: Iterable[Row], proposed: str, has: Callable[[str, str], bool], reason: Reason) -> None:
    for node_id, mesh_ip in nodes:
        if not has(proposed, mesh_ip):
            raise Refusal(reason, f"{proposed} leaves out the address {mesh_ip} of node_id {node_id}")
