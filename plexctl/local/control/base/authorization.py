"""Who is asking, and whether they may: the principals and their grants."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control

EXISTS = {
    "domain": "SELECT 1 FROM domains WHERE id = ?",
    "project": "SELECT 1 FROM projects WHERE id = ?",
}


class Principal(NamedTuple):
    id: str
    name: str
    email: str


def authenticate(control: Control, bearer: str) -> Principal | None:
    """Find the principal whose bearer this is."""
    fingerprint = control.vault.fingerprint("bearer", bearer)
    with control.store.read() as connection:
        row = connection.execute(
            "SELECT id, name, email FROM principals WHERE bearer_fingerprint = ?", (fingerprint,)
        ).fetchone()
    return None if row is None else Principal(*row)


def whoami(principal: Principal) -> dict[str, object]:
    """Describe the caller; a local principal is a user who belongs to no Domain."""
    return {
        "principal_type": "user",
        "principal_scope": "platform",
        "subject": principal.id,
        "email": principal.email,
    }


def require(
    connection: sqlite3.Connection,
    control: Control,
    principal: Principal,
    relation: str,
    object_kind: str,
    object_id: str = "",
) -> None:
    """Let a rule go on only if the principal holds the relation (`viewer` or `admin`) on the object.

    Call it before looking whether the object exists. The refusal reads the same either way, so that nobody
    finds out by asking.
    """
    held = relation_held(connection, control, principal, object_kind, object_id)
    if held in {relation, "admin"}:
        return
    named = f"{object_kind} {object_id}".rstrip()
    reached = f"{object_kind}:{object_id}".rstrip(":")
    raise Refusal(
        "permission_denied",
        f"{principal.name} holds {held or 'nothing'} on {named}; this needs {relation}",
        reason="insufficient_relation" if held else "out_of_scope",
        relation_path=[f"{reached}#{held}"] if held else [],
        correlation_id=control.sources.new_id(),
    )


def relation_held(
    connection: sqlite3.Connection, control: Control, principal: Principal, object_kind: str, object_id: str
) -> str | None:
    """Look up what the principal holds: `admin`, `viewer` or nothing.

    An object's own rows decide; those of the platform decide for an object that does not exist.
    """
    if object_kind != "platform" and not connection.execute(EXISTS[object_kind], (object_id,)).fetchone():
        object_kind, object_id = "platform", ""
    row = connection.execute(
        "SELECT relation FROM grants"
        " WHERE object_kind = ? AND object_id = ? AND principal_id = ? AND effective_at <= ?",
        (object_kind, object_id, principal.id, control.sources.now()),
    ).fetchone()
    return None if row is None else str(row["relation"])


def readable(
    connection: sqlite3.Connection,
    control: Control,
    principal: Principal,
    object_kind: str,
    rows: Sequence[sqlite3.Row],
) -> list[sqlite3.Row]:
    """Keep the rows of a page whose objects the principal may read."""
    return [row for row in rows if relation_held(connection, control, principal, object_kind, row["id"])]


def why_empty(page: Sequence[sqlite3.Row], kept: Sequence[sqlite3.Row]) -> dict[str, str]:
    """Make the member that tells a page whose every row was hidden from one that had no rows."""
    return {"empty_reason": "no_rebac_membership"} if page and not kept else {}


def copy_grants(
    connection: sqlite3.Connection, source: tuple[str, str], target: tuple[str, str], effective_at: int
) -> None:
    """Give everybody on the target what they hold on the source; each is a pair of kind and id."""
    connection.execute(
        "INSERT INTO grants (principal_id, object_kind, object_id, relation, effective_at)"
        " SELECT principal_id, ?, ?, relation, ? FROM grants WHERE object_kind = ? AND object_id = ?",
        (*target, effective_at, *source),
    )


def drop_grants(connection: sqlite3.Connection, object_kind: str, object_id: str) -> None:
    connection.execute("DELETE FROM grants WHERE object_kind = ? AND object_id = ?", (object_kind, object_id))
