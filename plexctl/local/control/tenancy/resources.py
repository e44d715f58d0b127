"""Resources: the machines that a Project knows; a Node enrols against the external_ref of one."""

from typing import Any, NamedTuple

from plexctl.local.control.base import authorization, cursors, fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.limits import Limit
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import ADMIN, VIEWER, Principal, Project, Relation
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.tenancy import projects
from plexctl.local.store import Row

ADOPTED, PROVISIONED = "adopted", "provisioned"
_ADOPTION_FIELDS = ("origin", "kind", "external_ref")
_PROVISIONING_FIELDS = ("blueprint_version_id", "cloud_credential_id", "parameters")
_SELECT = "SELECT resources.*, domain_id FROM resources JOIN projects ON projects.id = project_id"


class Adoption(NamedTuple):
    """A Resource to adopt."""

    kind: str
    external_ref: str | None


def adopt(control: Control, caller: Principal, project_id: str, body: Body) -> dict[str, object]:
    """Create the Resource of a machine that exists already, and return its document.

    Raises: Refusal(permission_denied, project_not_found, invalid_body, invalid_resource_origin, resource_conflict,
    resource_provisioning_not_provisioned).
    """
    with control.write(caller) as tx:
        tx.require(ADMIN, Project(project_id))
        adoption = _read(body)
        projects.load(tx, project_id)
        _check_free(tx, project_id, adoption.external_ref)
        resource_id = insert(tx, project_id, *adoption)
        return _document(tx.execute(f"{_SELECT} WHERE resources.id = ?", (resource_id,)).fetchone())


def insert(
    tx: Transaction, project_id: str, kind: str, external_ref: str | None, requested_id: str | None = None
) -> str:
    """Add a Resource, whose external_ref no other of the Project has, and return its id."""
    resource_id = tx.new_id()
    tx.execute(
        "INSERT INTO resources (id, project_id, external_ref, requested_id, kind, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (resource_id, project_id, external_ref, requested_id, kind, tx.now),
    )
    return resource_id


def list_page(control: Control, caller: Principal, project_id: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return a page of a Project's Resources in the order of adoption; a Project that does not exist has none.

    Raises: Refusal(permission_denied, invalid_cursor, cursor_binding_mismatch).
    """
    listing = f"resources:{project_id}"
    with control.read(caller) as tx:
        tx.require(VIEWER, Project(project_id))
        last_seen, _ = cursors.position(tx.vault, caller, listing, cursor)
        rows = tx.execute(
            "SELECT resources.*, domain_id, sequence AS sort_key FROM resources JOIN projects"
            " ON projects.id = project_id WHERE project_id = ? AND sequence > ? ORDER BY sequence",
            (project_id, last_seen or 0),
        )
        page, more = cursors.cut_page(tx.vault, caller, listing, rows, limit)
    return {"items": [_document(row) for row in page], **more}


def get(control: Control, caller: Principal, resource_id: str) -> dict[str, object]:
    """Return a Resource's document.

    Raises: Refusal(permission_denied, resource_not_found).
    """
    with control.read(caller) as tx:
        return _document(find(tx, caller, VIEWER, resource_id))


def find(tx: Transaction, caller: Principal, relation: Relation, resource_id: str) -> Row:
    """Return a Resource's row if the caller has the relation on its Project.

    Raises: Refusal(permission_denied, resource_not_found).
    """
    row: Row | None = tx.execute(f"{_SELECT} WHERE resources.id = ?", (resource_id,)).fetchone()
    noun = f"Resource {resource_id}"
    authorization.require_on_project(tx, caller, relation, row, reasons.PERMISSION_DENIED, noun)
    if row is None:
        raise Refusal(reasons.RESOURCE_NOT_FOUND, f"there is no Resource {resource_id}")
    return row


def _read(body: Body) -> Adoption:
    """Read the origin before the other fields, since it decides which there are."""
    fields.check_known(body, (*_ADOPTION_FIELDS, *_PROVISIONING_FIELDS), reasons.INVALID_BODY)
    origin = body.get("origin")
    if origin == PROVISIONED:
        raise Refusal(
            reasons.RESOURCE_PROVISIONING_NOT_PROVISIONED,
            "this plane has no provisioning broker; adopt a machine that exists: origin adopted",
        )
    if origin != ADOPTED:
        raise Refusal(reasons.INVALID_RESOURCE_ORIGIN, "origin is neither adopted nor provisioned")
    fields.check_known(body, _ADOPTION_FIELDS, reasons.INVALID_BODY)
    external_ref = _trimmed(body, "external_ref", limits.EXTERNAL_REF) if "external_ref" in body else None
    return Adoption(_trimmed(body, "kind", limits.RESOURCE_KIND), external_ref)


def _trimmed(body: Body, field: str, limit: Limit) -> str:
    """Read text without the white space around it."""
    value = fields.text(body, field).strip()
    if not limit.least <= len(value) <= limit.most:
        detail = f"{field} has {len(value)} characters; give {limit.least} to {limit.most}"
        raise Refusal(reasons.INVALID_BODY, detail)
    return value


def _check_free(tx: Transaction, project_id: str, external_ref: str | None) -> None:
    taken = (project_id, external_ref)
    if tx.execute("SELECT 1 FROM resources WHERE (project_id, external_ref) = (?, ?)", taken).fetchone():
        detail = f"external_ref {external_ref!r} is another Resource's of Project {project_id}"
        raise Refusal(reasons.RESOURCE_CONFLICT, detail)


def _document(resource: Row) -> dict[str, object]:
    """Describe a Resource; nothing changes one, so that it was last modified when it was created."""
    return {
        "id": resource["id"],
        "project_id": resource["project_id"],
        "domain_id": resource["domain_id"],
        "kind": resource["kind"],
        **({} if resource["external_ref"] is None else {"external_ref": resource["external_ref"]}),
        "origin": ADOPTED,
        "created_at": to_wire(resource["created_at"]),
        "updated_at": to_wire(resource["created_at"]),
    }
