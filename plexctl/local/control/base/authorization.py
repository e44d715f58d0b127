"""Operators: which of them a bearer belongs to, which rows they may read, and their grants."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from plexctl.local.control.base import relations
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Object, Principal, Project, Relation
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.store import Row

_OF_BEARER = "SELECT id, name, email FROM principals WHERE bearer_fingerprint = :fingerprint"
_OF_ISSUED_BEARER = (
    "SELECT principals.id, name, email FROM api_tokens JOIN principals ON principals.id = principal_id"
    " WHERE expires_at > :now"
    " AND (fingerprint = :fingerprint OR (retired_fingerprint = :fingerprint AND retires_at > :now))"
)


def authenticate(control: Control, bearer: str) -> Principal | None:
    """Find the operator that a bearer, which may be an API token, belongs to, or None."""
    with control.read(None) as tx:
        known_by = {"fingerprint": tx.vault.fingerprint("bearer", bearer), "now": tx.now}
        row = tx.execute(_OF_BEARER, known_by).fetchone() or tx.execute(_OF_ISSUED_BEARER, known_by).fetchone()
    return None if row is None else Principal(*row)


def whoami(caller: Principal) -> dict[str, object]:
    """Describe the caller; a local operator is a user who belongs to no Domain."""
    return {
        "principal_type": "user",
        "principal_scope": "platform",
        "subject": caller.id,
        "email": caller.email,
    }


def readable(
    tx: Transaction, caller: Principal, rows: Iterable[Row], guarded_by: Callable[[Row], Object]
) -> Iterator[Row]:
    """Yield the rows that the caller may read; `guarded_by` returns the object whose grants decide.

    Filter before a page is cut: neither its length nor its cursor then depends on hidden rows.
    """
    return (row for row in rows if relations.held(tx, caller, guarded_by(row)))


def require_on_project(
    tx: Transaction, caller: Principal, relation: Relation, row: Row | None, denied: Reason, noun: str
) -> None:
    """Refuse a caller without the relation on the Project of a row, which is None where there is no such row.

    The denial reads the same either way: it names neither the Project nor the caller's relation.

    Raises: Refusal(denied).
    """
    found = relations.held(tx, caller, Project("" if row is None else row["project_id"]))
    if found is None or not found.includes(relation):
        raise hidden_denial(
            denied, f"{caller.name} does not have the relation {relation.value} on the Project of {noun}"
        )


def hidden_denial(denied: Reason, detail: str) -> Refusal:
    """Make the refusal of a caller who may not learn on what the decision depends."""
    return Refusal(denied, detail, reason="insufficient_relation", relation_path=[])


def empty_reason_member(page: Sequence[Row], *, has_rows: bool) -> dict[str, str]:
    """Return the list member `empty_reason` if the page is empty though the list has rows, else nothing."""
    return {"empty_reason": "no_rebac_membership"} if has_rows and not page else {}


def copy_grants(tx: Transaction, source: Object, target: Object, after_us: int = 0) -> None:
    """Grant on the target all that is granted on the source: at once, or `after_us` microseconds from now."""
    tx.execute(
        "INSERT INTO grants (principal_id, object_kind, object_id, relation, effective_at)"
        " SELECT principal_id, ?, ?, relation, ? FROM grants WHERE object_kind = ? AND object_id = ?",
        (target.kind, target.id, tx.now + after_us if after_us else None, source.kind, source.id),
    )


def drop_grants(tx: Transaction, on: Object) -> None:
    """Delete every grant on an object."""
    tx.execute("DELETE FROM grants WHERE object_kind = ? AND object_id = ?", (on.kind, on.id))
