"""Bootstrap tokens as operators see them: issued once in plaintext, then listed, read and revoked without it."""

import sqlite3

from plexctl import grammar
from plexctl.local.control.base import authorization, cursors, fields
from plexctl.local.control.base.authorization import Principal
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import MICROSECONDS, Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.enrolment import token_secrets
from plexctl.local.control.tenancy import projects

KINDS = ("node", "bridge")
SHORTEST_SECONDS = 300
LONGEST_SECONDS = 86_400


def issue(control: Control, principal: Principal, project_id: str, body: Body) -> dict[str, object]:
    """Make a token; its plaintext is in this answer and nowhere else."""
    with control.store.read() as connection:
        _require_project(connection, control, principal, "admin", project_id)
    kind, env_prefix, lifetime = _read(body)
    plaintext = token_secrets.mint(control, env_prefix, project_id, kind)
    secret = (token_secrets.fingerprint(control, plaintext), token_secrets.hash_of(control, plaintext))
    token_id, now = control.sources.new_id(), control.sources.now()
    expires_at = now + lifetime * MICROSECONDS
    with control.store.write() as connection:
        projects.load(connection, project_id)  # once more: it may have been deleted while the hash was made
        connection.execute(
            "INSERT INTO bootstrap_tokens (id, project_id, kind, env_prefix, fingerprint, hash, issued_at,"
            " expires_at, issued_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (token_id, project_id, kind, env_prefix, *secret, now, expires_at, principal.id),
        )
    return {
        "token_id": token_id,
        "token": plaintext,
        "issued_at": to_wire(now),
        "expires_at": to_wire(expires_at),
    }


def list_page(
    control: Control, principal: Principal, project_id: str, limit: int, cursor: str | None
) -> dict[str, object]:
    """Give a page in the order of issue."""
    listing = f"bootstrap-tokens:{project_id}"
    with control.store.read() as connection:
        _require_project(connection, control, principal, "viewer", project_id)
        _, last_seen = cursors.position(control, principal, listing, cursor)
        rows = connection.execute(
            "SELECT *, '' AS sort_key FROM bootstrap_tokens WHERE project_id = ? AND id > ? ORDER BY id LIMIT ?",
            (project_id, last_seen, limit + 1),
        ).fetchall()
    page, more = cursors.cut_page(control, principal, listing, rows, limit)
    return {"items": [_document(row) for row in page], **more}


def get(control: Control, principal: Principal, project_id: str, token_id: str) -> dict[str, object]:
    with control.store.read() as connection:
        _require_project(connection, control, principal, "viewer", project_id)
        return _document(_load(connection, project_id, token_id))


def revoke(control: Control, principal: Principal, project_id: str, token_id: str) -> None:
    """Revoke a token for good; one that was redeemed or revoked before is beyond that."""
    with control.store.write() as connection:
        _require_project(connection, control, principal, "admin", project_id)
        token = _load(connection, project_id, token_id)
        for state in ("consumed", "revoked"):
            if token[f"{state}_at"] is not None:
                since = to_wire(token[f"{state}_at"])
                raise Refusal(f"token_already_{state}", f"token {token_id} was {state} at {since}; issue another")
        connection.execute("UPDATE bootstrap_tokens SET revoked_at = ? WHERE id = ?", (control.sources.now(), token_id))


def _require_project(
    connection: sqlite3.Connection, control: Control, principal: Principal, relation: str, project_id: str
) -> None:
    authorization.require(connection, control, principal, relation, "project", project_id)
    projects.load(connection, project_id)


def _load(connection: sqlite3.Connection, project_id: str, token_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM bootstrap_tokens WHERE project_id = ? AND id = ?", (project_id, token_id)
    ).fetchone()
    if row is None:
        raise Refusal("token_not_found", f"Project {project_id} has no bootstrap token {token_id}")
    return row


def _read(body: Body) -> tuple[str, str, int]:
    kind = fields.text(body, "kind")
    if kind not in KINDS:
        raise Refusal("invalid_body", f"kind {kind!r} is neither node nor bridge")
    env_prefix = fields.text(body, "env_prefix")
    try:
        grammar.env_prefix(env_prefix)
    except ValueError as error:
        raise Refusal("invalid_body", f"env_prefix {env_prefix!r} {error}") from None
    return kind, env_prefix, _lifetime(body.get("ttl_seconds"))


def _lifetime(value: object) -> int:
    if not isinstance(value, int) or not SHORTEST_SECONDS <= value <= LONGEST_SECONDS:
        raise Refusal(
            "invalid_body", f"ttl_seconds {value!r} is not an integer from {SHORTEST_SECONDS} to {LONGEST_SECONDS}"
        )
    return value


def _document(row: sqlite3.Row) -> dict[str, object]:
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
