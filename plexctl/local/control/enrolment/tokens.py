"""Bootstrap tokens for operators: issued once in plaintext, then listed, read and revoked without it."""

from typing import Any

from plexctl import grammar
from plexctl.local.control.base import cursors, fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import ADMIN, VIEWER, Principal, Project, Relation
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND, to_wire
from plexctl.local.control.enrolment import token_secrets
from plexctl.local.control.tenancy import projects
from plexctl.local.store import Row

KINDS = ("node", "bridge")
FIELDS = ("kind", "env_prefix", "ttl_seconds")
_ENDS = {"consumed": reasons.TOKEN_ALREADY_CONSUMED, "revoked": reasons.TOKEN_ALREADY_REVOKED}


def issue(control: Control, caller: Principal, project_id: str, body: Body) -> dict[str, object]:
    """Issue a token; only this answer contains its plaintext.

    Raises: Refusal(permission_denied, project_not_found, invalid_body).
    """
    with control.read(caller) as tx:
        _require_project(tx, ADMIN, project_id)
    kind, env_prefix, lifetime_seconds = _read(body)
    secret = token_secrets.new(control.vault, env_prefix, project_id, kind, cheap=control.settings.cheap_hashes)
    with control.write(caller) as tx:
        projects.load(tx, project_id)  # once more: it may have been deleted while the hash was made
        token_id, expires_at = tx.new_id(), tx.now + lifetime_seconds * MICROSECONDS_PER_SECOND
        tx.execute(
            "INSERT INTO bootstrap_tokens (id, project_id, kind, env_prefix, fingerprint, hash, issued_at,"
            " expires_at, issued_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (token_id, project_id, kind, env_prefix, secret.fingerprint, secret.hashed, tx.now, expires_at, caller.id),
        )
    return {
        "token_id": token_id,
        "token": secret.plaintext,
        "issued_at": to_wire(tx.now),
        "expires_at": to_wire(expires_at),
    }


def list_page(control: Control, caller: Principal, project_id: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return a page of a Project's tokens in the order of issue.

    Raises: Refusal(permission_denied, project_not_found, invalid_cursor, cursor_binding_mismatch).
    """
    listing = f"bootstrap-tokens:{project_id}"
    with control.read(caller) as tx:
        _require_project(tx, VIEWER, project_id)
        last_seen, _ = cursors.position(tx.vault, caller, listing, cursor)
        rows = tx.execute(
            "SELECT *, sequence AS sort_key FROM bootstrap_tokens WHERE project_id = ? AND sequence > ?"
            " ORDER BY sequence",
            (project_id, last_seen or 0),
        )
        page, more = cursors.cut_page(tx.vault, caller, listing, rows, limit)
    return {"items": [_document(row) for row in page], **more}


def get(control: Control, caller: Principal, project_id: str, token_id: str) -> dict[str, object]:
    """Return a token's document, without its plaintext.

    Raises: Refusal(permission_denied, project_not_found, token_not_found).
    """
    with control.read(caller) as tx:
        _require_project(tx, VIEWER, project_id)
        return _document(_load(tx, project_id, token_id))


def revoke(control: Control, caller: Principal, project_id: str, token_id: str) -> None:
    """Revoke a token.

    Raises: Refusal(permission_denied, project_not_found, token_not_found, token_already_consumed,
    token_already_revoked).
    """
    with control.write(caller) as tx:
        _require_project(tx, ADMIN, project_id)
        token = _load(tx, project_id, token_id)
        for state, reason in _ENDS.items():
            if token[f"{state}_at"] is not None:
                since = to_wire(token[f"{state}_at"])
                raise Refusal(reason, f"token {token_id} was {state} at {since}; issue another")
        tx.execute("UPDATE bootstrap_tokens SET revoked_at = ? WHERE id = ?", (tx.now, token_id))


def _require_project(tx: Transaction, relation: Relation, project_id: str) -> None:
    tx.require(relation, Project(project_id))
    projects.load(tx, project_id)


def _load(tx: Transaction, project_id: str, token_id: str) -> Row:
    row: Row | None = tx.execute(
        "SELECT * FROM bootstrap_tokens WHERE project_id = ? AND id = ?", (project_id, token_id)
    ).fetchone()
    if row is None:
        raise Refusal(reasons.TOKEN_NOT_FOUND, f"Project {project_id} has no bootstrap token {token_id}")
    return row


def _read(body: Body) -> tuple[str, str, int]:
    fields.check_known(body, FIELDS, reasons.INVALID_BODY)
    kind = fields.text(body, "kind")
    if kind not in KINDS:
        raise Refusal(reasons.INVALID_BODY, f"kind {kind!r} is neither node nor bridge")
    env_prefix = fields.text(body, "env_prefix")
    try:
        grammar.env_prefix(env_prefix)
    except ValueError as error:
        raise Refusal(reasons.INVALID_BODY, f"env_prefix {env_prefix!r} {error}") from None
    return kind, env_prefix, fields.whole_number(body, "ttl_seconds", limits.TTL_SECONDS)


def _document(row: Row) -> dict[str, object]:
    ends = {field: to_wire(row[field]) for field in ("consumed_at", "revoked_at") if row[field] is not None}
    return {
        "id": row["id"],
        "project_id": row["project_id"],
        "kind": row["kind"],
        "env_prefix": row["env_prefix"],
        "issued_at": to_wire(row["issued_at"]),
        "expires_at": to_wire(row["expires_at"]),
        **ends,
        "issued_by_user_id": row["issued_by"],
    }
