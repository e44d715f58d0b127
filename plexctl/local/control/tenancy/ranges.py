"""Who may hold which range of mesh addresses: Domains apart, Projects apart inside their Domain, Nodes inside both."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.tenancy import addresses
from plexctl.local.store import Row


def check_mesh_cidr(tx: Transaction, domain: Mapping[str, Any]) -> None:
    """Refuse a pool that another Domain's overlaps, or that leaves out what this Domain has handed out."""
    proposed = domain["mesh_cidr"]
    for (taken,) in tx.execute("SELECT mesh_cidr FROM domains WHERE id <> ?", (domain["id"],)):
        if addresses.overlap(proposed, taken):
            raise Refusal("mesh_cidr_overlap", f"mesh_cidr {proposed} overlaps another Domain's {taken}")
    reservations = tx.execute(
        "SELECT id, sub_range FROM projects WHERE domain_id = ? AND sub_range IS NOT NULL", (domain["id"],)
    )
    for project_id, reserved in reservations:
        if not addresses.contains(proposed, reserved):
            raise Refusal(
                "mesh_cidr_invalidates_subrange",
                f"mesh_cidr {proposed} leaves out sub_range {reserved} of project_id {project_id}",
            )
    nodes = tx.execute("SELECT id, mesh_ip FROM nodes WHERE domain_id = ?", (domain["id"],))
    _check_nodes(nodes, proposed, addresses.offers, "mesh_cidr_invalidates_allocation")


def check_sub_range(tx: Transaction, domain: Mapping[str, Any], project: Mapping[str, Any], overlap_code: str) -> None:
    """Refuse a sub-range outside the Domain's pool, over a sibling's, or that leaves out a Node of the Project.

    Nodes of other Projects may stand inside: they keep their addresses, and no more are handed out there. A Node may
    have the first or last address: only the pool is a network to the Nodes.
    """
    proposed = project["sub_range"]
    if not addresses.contains(domain["mesh_cidr"], proposed):
        raise Refusal(
            "invalid_project", f"sub_range_cidr {proposed} is not inside the Domain's mesh_cidr {domain['mesh_cidr']}"
        )
    siblings = tx.execute(
        "SELECT id, sub_range FROM projects WHERE domain_id = ? AND id <> ? AND sub_range IS NOT NULL",
        (domain["id"], project["id"]),
    )
    for sibling_id, reserved in siblings:
        if addresses.overlap(proposed, reserved):
            raise Refusal(
                overlap_code, f"sub_range_cidr {proposed} overlaps sub_range {reserved} of project_id {sibling_id}"
            )
    nodes = tx.execute("SELECT id, mesh_ip FROM nodes WHERE project_id = ?", (project["id"],))
    _check_nodes(nodes, proposed, addresses.contains, "sub_range_invalidates_allocation")


def _check_nodes(nodes: Iterable[Row], proposed: str, has: Callable[[str, str], bool], code: str) -> None:
    for node_id, mesh_ip in nodes:
        if not has(proposed, mesh_ip):
            raise Refusal(code, f"{proposed} leaves out the address {mesh_ip} of node_id {node_id}")
