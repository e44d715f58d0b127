"""Projects: the parts of a Domain; each owns Resources and Nodes, and may reserve a sub-range of the pool."""

from collections.abc import Mapping
from typing import Any

from plexctl.local.control.base import authorization, cursors, reasons, relations
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import ADMIN, VIEWER, Domain, Principal, Project
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.tenancy import bodies, domains, ranges

_SELECT = "SELECT * FROM projects WHERE id = ?"
CHILDREN = {
    "resources": "SELECT count(*) FROM resources WHERE project_id = ?",
    "nodes": "SELECT count(*) FROM nodes WHERE project_id = ?",
}


def create(control: Control, caller: Principal, body: Body) -> dict[str, object]:
    """Create a Project with the Domain's grants, effective after the injected delay, and return its document.

    Raises: Refusal(permission_denied, parent_domain_missing, project_slug_conflict), and those of `bodies` and of
    `ranges.check_sub_range_is_free`.
    """
    domain_id = bodies.parent_domain_id(body)
    with control.write(caller) as tx:
        tx.require(ADMIN, Domain(domain_id))
        project = _insert(tx, bodies.new_project(body) | {"domain_id": domain_id})
        authorization.copy_grants(tx, Domain(domain_id), Project(project["id"]), control.settings.grant_delay_us)
        return _document(project)


def list_page(
    control: Control, caller: Principal, limit: int, cursor: str | None, domain_id: str = ""
) -> dict[str, Any]:
    """Return a page of the Projects that the caller may read, by slug, of one Domain or of all.

    Raises: Refusal(invalid_cursor, cursor_binding_mismatch).
    """
    listing = f"projects:{domain_id}"
    with control.read(caller) as tx:
        rows = tx.execute(
            "SELECT *, slug AS sort_key FROM projects WHERE (slug, id) > (?, ?) AND ? IN ('', domain_id)"
            " ORDER BY slug, id",
            (*cursors.position(tx.vault, caller, listing, cursor), domain_id),
        )
        readable = authorization.readable(tx, caller, rows, lambda row: Project(row["id"]))
        page, more = cursors.cut_page(tx.vault, caller, listing, readable, limit)
        empty = authorization.empty_reason_member(page, has_rows=_may_know_of_rows(tx, caller, domain_id))
    return {"items": [_document(dict(row)) for row in page], **empty, **more}


def _may_know_of_rows(tx: Transaction, caller: Principal, domain_id: str) -> bool:
    """Tell whether there are Projects of a Domain, or any; a Domain on which the caller has no relation has none."""
    if domain_id and relations.held(tx, caller, Domain(domain_id)) is None:
        return False
    return tx.execute("SELECT 1 FROM projects WHERE ? IN ('', domain_id)", (domain_id,)).fetchone() is not None


def get(control: Control, caller: Principal, project_id: str) -> dict[str, object]:
    """Return a Project's document.

    Raises: Refusal(permission_denied, project_not_found).
    """
    with control.read(caller) as tx:
        tx.require(VIEWER, Project(project_id))
        return _document(load(tx, project_id))


def patch(control: Control, caller: Principal, project_id: str, body: Body) -> dict[str, object]:
    """Change the fields that the body names, and return the Project's document.

    A body that changes nothing leaves updated_at as it is.

    Raises: Refusal(permission_denied, project_not_found), and those of `bodies.project_changes` and of `ranges`.
    """
    with control.write(caller) as tx:
        tx.require(ADMIN, Project(project_id))
        changes = bodies.project_changes(body)
        before = load(tx, project_id)
        if changes.items() <= before.items():
            return _document(before)
        project = before | changes | {"updated_at": tx.now}
        if changes.get("sub_range") is not None:
            domain = domains.existing(tx, project["domain_id"])
            ranges.check_sub_range_is_free(tx, domain, project, reasons.SUB_RANGE_INVALIDATES_ALLOCATION)
            ranges.check_sub_range_keeps(tx, project)
        tx.execute(
            "UPDATE projects SET name = :name, description = :description, sub_range = :sub_range,"
            " updated_at = :updated_at WHERE id = :id",
            project,
        )
        return _document(project)


def delete(control: Control, caller: Principal, project_id: str) -> None:
    """Delete an empty Project with its grants and its bootstrap tokens.

    Raises: Refusal(permission_denied, project_not_found, project_not_empty).
    """
    with control.write(caller) as tx:
        tx.require(ADMIN, Project(project_id))
        load(tx, project_id)
        _check_empty(tx, project_id)
        authorization.drop_grants(tx, Project(project_id))
        tx.execute("DELETE FROM bootstrap_tokens WHERE project_id = ?", (project_id,))
        tx.execute("DELETE FROM projects WHERE id = ?", (project_id,))


def load(tx: Transaction, project_id: str) -> dict[str, Any]:
    """Return the Project's row.

    Raises: Refusal(project_not_found).
    """
    row = tx.execute(_SELECT, (project_id,)).fetchone()
    if row is None:
        raise Refusal(reasons.PROJECT_NOT_FOUND, f"there is no Project {project_id}")
    return dict(row)


def existing(tx: Transaction, project_id: str) -> dict[str, Any]:
    """Return the row of a Project that is known to exist, such as a token's own."""
    return dict(tx.execute(_SELECT, (project_id,)).fetchone())


def _insert(tx: Transaction, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Add a Project and return its row."""
    project = {**columns, "id": tx.new_id(), "created_at": tx.now, "updated_at": tx.now}
    domain = _parent(tx, project["domain_id"])
    key = (domain["id"], project["slug"])
    if tx.execute("SELECT 1 FROM projects WHERE (domain_id, slug) = (?, ?)", key).fetchone():
        raise Refusal(reasons.PROJECT_SLUG_CONFLICT, f"slug {project['slug']!r} is another Project's of this Domain")
    if project["sub_range"] is not None:
        ranges.check_sub_range_is_free(tx, domain, project, reasons.SUB_RANGE_OVERLAP)
    tx.execute(
        "INSERT INTO projects (id, domain_id, slug, name, description, sub_range, created_at, updated_at)"
        " VALUES (:id, :domain_id, :slug, :name, :description, :sub_range, :created_at, :updated_at)",
        project,
    )
    return project


def _parent(tx: Transaction, domain_id: str) -> dict[str, Any]:
    try:
        return domains.load(tx, domain_id)
    except Refusal:
        raise Refusal(reasons.PARENT_DOMAIN_MISSING, f"there is no Domain {domain_id} to create a Project in") from None


def _check_empty(tx: Transaction, project_id: str) -> None:
    """Refuse a Project that owns something; its grants do not count, since no operation deletes one."""
    counts = {kind: tx.execute(query, (project_id,)).fetchone()[0] for kind, query in CHILDREN.items()}
    if any(counts.values()):
        raise Refusal(
            reasons.PROJECT_NOT_EMPTY,
            "the Project is not empty; delete its Resources first",
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
