"""The Nodes of all Domains, for operators."""

from typing import Any

from plexctl.local.control.base import authorization, cursors, reasons, relations
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal, Project, Relation
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.store import Row


def find(tx: Transaction, caller: Principal, relation: Relation, node_id: str, denied: Reason) -> Row:
    """Return a Node's row if the caller has the relation on its Project.

    A denial reads the same whether the Node exists or not; it names neither the Project nor the caller's relation.

    Raises: Refusal(denied, node_not_found).
    """
    node: Row | None = tx.execute("SELECT * FROM nodes WHERE id = ?", (node_id,)).fetchone()
    found = relations.held(tx, caller, Project("" if node is None else node["project_id"]))
    if found is None or not found.includes(relation):
        detail = f"{caller.name} does not have the relation {relation.value} on the Project of Node {node_id}"
        raise denial(denied, detail)
    if node is None:
        raise Refusal(reasons.NODE_NOT_FOUND, f"there is no Node {node_id}")
    return node


def denial(denied: Reason, detail: str) -> Refusal:
    """Make the refusal of a caller who is not allowed to act on a Node."""
    return Refusal(denied, detail, reason="insufficient_relation", relation_path=[])


def list_page(
    control: Control, caller: Principal, limit: int, cursor: str | None, domain_id: str = ""
) -> dict[str, Any]:
    """Return a page of the Nodes that the caller may read, by name, of one Domain or of all.

    Raises: Refusal(invalid_cursor, cursor_binding_mismatch).
    """
    listing = f"nodes:{domain_id}"
    with control.read(caller) as tx:
        rows = tx.execute(
            "SELECT nodes.*, resources.kind, external_ref AS sort_key"
            " FROM nodes JOIN resources ON resources.id = resource_id"
            " WHERE (external_ref, nodes.id) > (?, ?) AND ? IN ('', domain_id) ORDER BY external_ref, nodes.id",
            (*cursors.position(tx.vault, caller, listing, cursor), domain_id),
        )
        readable = authorization.readable(tx, caller, rows, lambda row: Project(row["project_id"]))
        page, more = cursors.cut_page(tx.vault, caller, listing, readable, limit)
    return {"items": [_summary(row) for row in page], **more}


def _summary(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["sort_key"],
        "domain_id": row["domain_id"],
        "kind": row["kind"],
        "created_at": to_wire(row["registered_at"]),
    }
