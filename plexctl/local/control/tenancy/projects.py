"""Projects: what a Domain is divided into; each owns Resources and Nodes, and may reserve a sub-range of the pool."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from plexctl import grammar
from plexctl.local.control.base import authorization, cursors
from plexctl.local.control.base.authorization import Principal
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.tenancy import bodies, domains, ranges

CHILDREN = {
    "resources": "SELECT count(*) FROM resources WHERE project_id = ?",
    "nodes": "SELECT count(*) FROM nodes WHERE project_id = ?",
}


def create(control: Control, principal: Principal, body: Body) -> dict[str, object]:
    domain_id = bodies.parent_domain_id(body)
    with control.store.write() as connection:
        authorization.require(connection, control, principal, "admin", "domain", domain_id)
        columns = bodies.new_project(body) | {"domain_id": domain_id}
        return _document(_insert(connection, control, columns))


def list_page(
    control: Control, principal: Principal, limit: int, cursor: str | None, domain_id: str | None = None
) -> dict[str, object]:
    """Give a page by slug. Rows that the caller may not read are left out of it after it was cut."""
    domain_id = domain_filter(domain_id)
    listing = f"projects:{domain_id}"
    with control.store.read() as connection:
        rows = connection.execute(
            "SELECT *, slug AS sort_key FROM projects WHERE (slug, id) > (?, ?) AND ? IN ('', domain_id)"
            " ORDER BY slug, id LIMIT ?",
            (*cursors.position(control, principal, listing, cursor), domain_id, limit + 1),
        ).fetchall()
        page, more = cursors.cut_page(control, principal, listing, rows, limit)
        readable = authorization.readable(connection, control, principal, "project", page)
    return {"items": [_document(dict(row)) for row in readable], **authorization.why_empty(page, readable), **more}


def get(control: Control, principal: Principal, project_id: str) -> dict[str, object]:
    with control.store.read() as connection:
        authorization.require(connection, control, principal, "viewer", "project", project_id)
        return _document(load(connection, project_id))


def patch(control: Control, principal: Principal, project_id: str, body: Body) -> dict[str, object]:
    with control.store.write() as connection:
        authorization.require(connection, control, principal, "admin", "project", project_id)
        columns = bodies.project_changes(body)
        project = load(connection, project_id) | columns | {"updated_at": control.sources.now()}
        if columns.get("sub_range") is not None:
            domain = domains.load(connection, project["domain_id"])
            ranges.check_sub_range(connection, domain, project, "sub_range_invalidates_allocation")
        connection.execute(
            "UPDATE projects SET name = :name, description = :description, sub_range = :sub_range,"
            " updated_at = :updated_at WHERE id = :id",
            project,
        )
        return _document(project)


def delete(control: Control, principal: Principal, project_id: str) -> None:
    """Delete an empty Project, and with it its grants and bootstrap tokens, which then redeem nothing."""
    with control.store.write() as connection:
        authorization.require(connection, control, principal, "admin", "project", project_id)
        load(connection, project_id)
        _check_empty(connection, project_id)
        authorization.drop_grants(connection, "project", project_id)
        connection.execute("DELETE FROM bootstrap_tokens WHERE project_id = ?", (project_id,))
        connection.execute("DELETE FROM projects WHERE id = ?", (project_id,))


def load(connection: sqlite3.Connection, project_id: str) -> dict[str, Any]:
    """Return the Project's row; raises Refusal project_not_found."""
    row = connection.execute("SELECT * FROM projects WHERE id = ?", (project_id,)).fetchone()
    if row is None:
        raise Refusal("project_not_found", f"there is no Project {project_id}")
    return dict(row)


def _insert(connection: sqlite3.Connection, control: Control, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Add a Project; the Domain's grants reach it in the same transaction, effective after the injected delay."""
    now = control.sources.now()
    project = {**columns, "id": control.sources.new_id(), "created_at": now, "updated_at": now}
    domain = _parent(connection, project["domain_id"])
    key = (domain["id"], project["slug"])
    if connection.execute("SELECT 1 FROM projects WHERE (domain_id, slug) = (?, ?)", key).fetchone():
        raise Refusal("project_slug_conflict", f"slug {project['slug']!r} is another Project's of this Domain")
    if project["sub_range"] is not None:
        ranges.check_sub_range(connection, domain, project, "sub_range_overlap")
    connection.execute(
        "INSERT INTO projects (id, domain_id, slug, name, description, sub_range, created_at, updated_at)"
        " VALUES (:id, :domain_id, :slug, :name, :description, :sub_range, :created_at, :updated_at)",
        project,
    )
    effective_at = now + control.settings.grant_delay
    authorization.copy_grants(connection, ("domain", domain["id"]), ("project", project["id"]), effective_at)
    return project


def _parent(connection: sqlite3.Connection, domain_id: str) -> dict[str, Any]:
    try:
        return domains.load(connection, domain_id)
    except Refusal:
        raise Refusal("parent_domain_missing", f"there is no Domain {domain_id} to create a Project in") from None


def domain_filter(domain_id: str | None) -> str:
    """Read the filter of a list that can be of one Domain; empty for all."""
    if domain_id is None:
        return ""
    try:
        return grammar.uuid(domain_id)
    except ValueError as error:
        raise Refusal("invalid_domain_filter", f"domain_id {domain_id!r} {error}") from None


def _check_empty(connection: sqlite3.Connection, project_id: str) -> None:
    """Grants do not count: they exist for the Project's sake, and nobody could delete one first."""
    counts = {kind: connection.execute(query, (project_id,)).fetchone()[0] for kind, query in CHILDREN.items()}
    if any(counts.values()):
        raise Refusal(
            "project_not_empty",
            f"the Project still has {counts['resources']} resources and {counts['nodes']} nodes",
            project_child_counts={**counts, "relation_tuples": 0},
        )


def _document(project: Mapping[str, Any]) -> dict[str, object]:
    return {
        "id": project["id"],
        "domain_id": project["domain_id"],
        "name": project["name"],
        "slug": project["slug"],
        "description": project["description"],
        **({} if project["sub_range"] is None else {"sub_range_cidr": project["sub_range"]}),
        "created_at": to_wire(project["created_at"]),
        "updated_at": to_wire(project["updated_at"]),
    }
