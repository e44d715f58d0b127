"""The Nodes of all Domains, for operators."""

from typing import Any

from plexctl.local.control.base import authorization, cursors, reasons
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal, Project, Relation
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import states
from plexctl.local.store import Row


def find(tx: Transaction, caller: Principal, relation: Relation, node_id: str, denied: Reason) -> Row:
    """Return a Node's row if the caller has the relation on its Project.

    A denial reads the same whether the Node exists or not; it names neither the Project nor the caller's relation.

    Raises: Refusal(denied, node_not_found).
    """
    node: Row | None = tx.execute("SELECT * FROM nodes WHERE id = ?", (node_id,)).fetchone()
    authorization.require_on_project(tx, caller, relation, node, denied, f"Node {node_id}")
    return _existing(node, node_id, reasons.NODE_NOT_FOUND)


def itself(tx: Transaction, node_id: str, gone: Reason) -> Row:
    """Return the row of a Node that has authenticated itself; it may have been deregistered since.

    Raises: Refusal(gone).
    """
    return _existing(tx.execute("SELECT * FROM nodes WHERE id = ?", (node_id,)).fetchone(), node_id, gone)


def _existing(node: Row | None, node_id: str, missing: Reason) -> Row:
    if node is None:
        raise Refusal(missing, f"there is no Node {node_id}")
    return node


def list_page(
    control: Control, caller: Principal, limit: int, cursor: str | None, domain_id: str = ""
) -> dict[str, Any]:
    """Return a page of the Nodes that the caller may read, by name, of one Domain or of all.

    Raises: Refusal(invalid_cursor, cursor_binding_mismatch).
    """
    listing = f"nodes:{domain_id}"
    with control.read(caller) as tx:
        rows = tx.execute(
            "SELECT nodes.*, resources.kind, external_ref AS sort_key, stale_after, unreachable_after"
            " FROM nodes JOIN resources ON resources.id = resource_id JOIN domains ON domains.id = domain_id"
            " WHERE (external_ref, nodes.id) > (?, ?) AND ? IN ('', domain_id) ORDER BY external_ref, nodes.id",
            (*cursors.position(tx.vault, caller, listing, cursor), domain_id),
        )
        readable = authorization.readable(tx, caller, rows, lambda row: Project(row["project_id"]))
        page, more = cursors.cut_page(tx.vault, caller, listing, readable, limit)
    return {"items": [_summary(row, tx.now) for row in page], **more}


def _summary(row: Row, now: int) -> dict[str, Any]:
    """Describe a Node; the public description has no Project, Resource, address and state here."""
    return {
        "id": row["id"],
        "name": row["sort_key"],
        "domain_id": row["domain_id"],
        "project_id": row["project_id"],
        "resource_id": row["resource_id"],
        "kind": row["kind"],
        "mesh_ip": row["mesh_ip"],
        "reachability": states.state(states.policy(row), row["last_contact_at"], now),
        "created_at": to_wire(row["registered_at"]),
    }
