"""Domains: the tenants, each with a mesh CIDR that no other overlaps, a reachability policy and a signing key."""

from collections.abc import Mapping
from typing import Any

from plexctl.local.control.base import authorization, cursors, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import ADMIN, VIEWER, Domain, Platform, Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.signing import keys
from plexctl.local.control.tenancy import bodies, ranges, reachability_policy

LISTING = "domains"
FIRST_KEY_ID = "k1"
_SELECT = "SELECT * FROM domains WHERE id = ?"
CHILDREN = {
    "projects": "SELECT count(*) FROM projects WHERE domain_id = ?",
    "nodes": "SELECT count(*) FROM nodes WHERE domain_id = ?",
}


def create(control: Control, caller: Principal, body: Body) -> dict[str, object]:
    """Create a Domain and return its document.

    Raises: Refusal(permission_denied), and those of `bodies.new_domain` and `insert`.
    """
    with control.write(caller) as tx:
        tx.require(ADMIN, Platform())
        return _document(insert(tx, bodies.new_domain(body)))


def insert(tx: Transaction, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Add a Domain with the platform's grants and its first signing key, and return its row.

    Raises: Refusal(domain_slug_conflict, mesh_cidr_overlap).
    """
    domain = {**columns, "id": tx.new_id(), "created_at": tx.now, "updated_at": tx.now}
    if tx.execute("SELECT 1 FROM domains WHERE slug = ?", (domain["slug"],)).fetchone():
        raise Refusal(reasons.DOMAIN_SLUG_CONFLICT, f"slug {domain['slug']!r} is another Domain's")
    ranges.check_mesh_cidr_is_free(tx, domain)
    tx.execute(
        "INSERT INTO domains (id, slug, name, description, region, mesh_cidr, heartbeat_interval, stale_after,"
        " unreachable_after, created_at, updated_at) VALUES (:id, :slug, :name, :description, :region, :mesh_cidr,"
        " :heartbeat_interval, :stale_after, :unreachable_after, :created_at, :updated_at)",
        domain,
    )
    authorization.copy_grants(tx, Platform(), Domain(domain["id"]))
    keys.create_key(tx, f"domain:{domain['id']}", FIRST_KEY_ID)
    return domain


def list_page(control: Control, caller: Principal, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return a page of the Domains that the caller may read, by slug.

    Raises: Refusal(invalid_cursor, cursor_binding_mismatch).
    """
    with control.read(caller) as tx:
        rows = tx.execute(
            "SELECT *, slug AS sort_key FROM domains WHERE (slug, id) > (?, ?) ORDER BY slug, id",
            cursors.position(tx.vault, caller, LISTING, cursor),
        )
        readable = authorization.readable(tx, caller, rows, lambda row: Domain(row["id"]))
        page, more = cursors.cut_page(tx.vault, caller, LISTING, readable, limit)
        has_rows = tx.execute("SELECT 1 FROM domains").fetchone() is not None
    empty = authorization.empty_reason_member(page, has_rows=has_rows)
    return {"items": [_document(dict(row)) for row in page], **empty, **more}


def get(control: Control, caller: Principal, domain_id: str) -> dict[str, object]:
    """Return a Domain's document.

    Raises: Refusal(permission_denied, domain_not_found).
    """
    with control.read(caller) as tx:
        tx.require(VIEWER, Domain(domain_id))
        return _document(load(tx, domain_id))


def patch(control: Control, caller: Principal, domain_id: str, body: Body) -> dict[str, object]:
    """Change the fields that the body names, and return the Domain's document.

    A body that changes nothing leaves updated_at as it is.

    Raises: Refusal(permission_denied, domain_not_found), and those of `bodies.domain_changes` and of `ranges`.
    """
    with control.write(caller) as tx:
        tx.require(ADMIN, Domain(domain_id))
        changes = bodies.domain_changes(body)
        before = load(tx, domain_id)
        if changes.items() <= before.items():
            return _document(before)
        domain = before | changes | {"updated_at": tx.now}
        ranges.check_mesh_cidr_is_free(tx, domain)
        ranges.check_mesh_cidr_keeps(tx, domain)
        tx.execute(
            "UPDATE domains SET name = :name, description = :description, region = :region, mesh_cidr = :mesh_cidr,"
            " heartbeat_interval = :heartbeat_interval, stale_after = :stale_after,"
            " unreachable_after = :unreachable_after, updated_at = :updated_at WHERE id = :id",
            domain,
        )
        return _document(domain)


def delete(control: Control, caller: Principal, domain_id: str) -> None:
    """Delete an empty Domain with its grants and signing keys.

    Raises: Refusal(permission_denied, domain_not_found, domain_not_empty).
    """
    with control.write(caller) as tx:
        tx.require(ADMIN, Domain(domain_id))
        load(tx, domain_id)
        _check_empty(tx, domain_id)
        scope = f"domain:{domain_id}"
        tx.execute("DELETE FROM signing_transitions WHERE scope = ?", (scope,))
        tx.execute("DELETE FROM signing_keys WHERE scope = ?", (scope,))
        authorization.drop_grants(tx, Domain(domain_id))
        tx.execute("DELETE FROM domains WHERE id = ?", (domain_id,))


def load(tx: Transaction, domain_id: str) -> dict[str, Any]:
    """Return the Domain's row.

    Raises: Refusal(domain_not_found).
    """
    row = tx.execute(_SELECT, (domain_id,)).fetchone()
    if row is None:
        raise Refusal(reasons.DOMAIN_NOT_FOUND, f"there is no Domain {domain_id}")
    return dict(row)


def existing(tx: Transaction, domain_id: str) -> dict[str, Any]:
    """Return the row of a Domain that is known to exist, such as a Project's own."""
    return dict(tx.execute(_SELECT, (domain_id,)).fetchone())


def _check_empty(tx: Transaction, domain_id: str) -> None:
    """Refuse a Domain that owns something; a local Domain has no groups, identities or their providers."""
    counts = {kind: tx.execute(query, (domain_id,)).fetchone()[0] for kind, query in CHILDREN.items()}
    if any(counts.values()):
        raise Refusal(
            reasons.DOMAIN_NOT_EMPTY,
            "the Domain is not empty; delete what it owns first",
            child_counts={**counts, "groups": 0, "identities": 0, "idp_bindings": 0},
        )


def _document(domain: Mapping[str, Any]) -> dict[str, object]:
    return {
        "id": domain["id"],
        "name": domain["name"],
        "slug": domain["slug"],
        "description": domain["description"],
        **({} if domain["region"] is None else {"region": domain["region"]}),
        "mesh_cidr": domain["mesh_cidr"],
        "reachability": {field: domain[field] for field in reachability_policy.FIELDS},
        "created_at": to_wire(domain["created_at"]),
        "updated_at": to_wire(domain["updated_at"]),
    }
