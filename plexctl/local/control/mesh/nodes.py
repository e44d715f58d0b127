"""The Nodes of all Domains, as operators see them."""

import sqlite3
from typing import Any

from plexctl.local.control.base import authorization, cursors
from plexctl.local.control.base.authorization import Principal
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.tenancy import projects


def find(
    connection: sqlite3.Connection, control: Control, principal: Principal, relation: str, node_id: str
) -> sqlite3.Row:
    """Return a Node's row to a principal with the relation on its Project; raises Refusal node_not_found.

    A denial reads the same whether the Node exists or not, and so names neither its Project nor what is held there.
    """
    node: sqlite3.Row | None = connection.execute("SELECT * FROM nodes WHERE id = ?", (node_id,)).fetchone()
    project_id = "" if node is None else node["project_id"]
    held = authorization.relation_held(connection, control, principal, "project", project_id)
    if held not in {relation, "admin"}:
        raise denial(control, f"{principal.name} is not {relation} on the Project of Node {node_id}")
    if node is None:
        raise Refusal("node_not_found", f"there is no Node {node_id}")
    return node


def denial(control: Control, detail: str, code: str = "permission_denied") -> Refusal:
    """Make the refusal that every operation on one Node answers to a caller who may not."""
    return Refusal(
        code,
        detail,
        reason="insufficient_relation",
        relation_path=[],
        correlation_id=control.sources.new_id(),
    )


def list_page(
    control: Control, principal: Principal, limit: int, cursor: str | None, domain_id: str | None = None
) -> dict[str, Any]:
    """Give a page of the Nodes that the caller may read, by name."""
    domain_id = projects.domain_filter(domain_id)
    listing = f"nodes:{domain_id}"
    with control.store.read() as connection:
        rows = connection.execute(
            "SELECT nodes.*, handle AS sort_key FROM nodes JOIN resources ON resources.id = resource_id"
            " WHERE (handle, nodes.id) > (?, ?) AND ? IN ('', domain_id) ORDER BY handle, nodes.id LIMIT ?",
            (*cursors.position(control, principal, listing, cursor), domain_id, limit + 1),
        ).fetchall()
        page, more = cursors.cut_page(control, principal, listing, rows, limit)
        readable = [row for row in page if _may_read(connection, control, principal, row)]
    return {"items": [_summary(row) for row in readable], **more}


def _may_read(connection: sqlite3.Connection, control: Control, principal: Principal, node: sqlite3.Row) -> bool:
    return authorization.relation_held(connection, control, principal, "project", node["project_id"]) is not None


def _summary(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["sort_key"],
        "domain_id": row["domain_id"],
        "kind": row["kind"],
        "created_at": to_wire(row["registered_at"]),
    }
