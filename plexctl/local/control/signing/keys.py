"""The keys that sign the mesh event bus: one active key a scope.

A key's life is active → rotating → retired. Opening a rotation makes the new key active at once, because fresh
signatures use it from then on, and the old one rotating: it still verifies, and signs when named. Closing the
rotation retires the old key, which leaves the new one as the scope's only living key.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from plexctl.local.control.base.authorization import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.signing import scopes
from plexctl.local.control.signing.scopes import refusal


def create_key(connection: sqlite3.Connection, control: Control, scope: str, key_id: str) -> None:
    """Make a scope's new active key, in the caller's write transaction; no other key of it may be active."""
    with _key_provider():
        seed = control.sources.random_bytes(32)
        wrapped = control.vault.wrap(_vault_domain(scope), _vault_label(scope, key_id), seed)
    public_key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    connection.execute(
        "INSERT INTO signing_keys (scope, key_id, state, public_key, private_wrapped, created_at)"
        " VALUES (?, ?, 'active', ?, ?, ?)",
        (scope, key_id, public_key, wrapped, control.sources.now()),
    )


def current_key(connection: sqlite3.Connection, control: Control, scope: str) -> sqlite3.Row:  # noqa: ARG001  as every rule
    """Return the row of the key that fresh signatures use: during an overlap, the new one.

    Raises Refusal signing_key_not_found for a scope without keys.
    """
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM signing_keys WHERE scope = ? AND state = 'active'", (scope,)
    ).fetchone()
    if row is None:
        raise refusal("signing_key_not_found")
    return row


def named_key(connection: sqlite3.Connection, scope: str, key_id: str) -> sqlite3.Row:
    """Return a scope's key of that id, whatever its state.

    Raises Refusal signing_scope_mismatch if only other scopes have such a key, signing_key_not_found if none has.
    """
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM signing_keys WHERE key_id = ? ORDER BY scope <> ?", (key_id, scope)
    ).fetchone()
    if row is None:
        raise refusal("signing_key_not_found")
    if row["scope"] != scope:
        raise refusal("signing_scope_mismatch")
    return row


def sign(control: Control, principal: Principal, scope: str, key_id: str, canonical_bytes: bytes) -> tuple[bytes, str]:
    """Sign with the named key, or with the current one for an empty id; returns signature (RFC 8032) and key id."""
    scope = scopes.parse(scope, *([key_id] if key_id else []))
    with control.store.read() as connection:
        scopes.admit(connection, control, principal, scope)
        key = named_key(connection, scope, key_id) if key_id else current_key(connection, control, scope)
    if key["state"] == "retired":
        raise refusal("signing_key_retired")
    return private_key(control, key).sign(canonical_bytes), key["key_id"]


def private_key(control: Control, key: sqlite3.Row) -> Ed25519PrivateKey:
    """Open the wrapped half of a key; raises Refusal signing_key_provider_unavailable when the vault cannot."""
    scope, key_id = key["scope"], key["key_id"]
    with _key_provider():
        seed = control.vault.unwrap(_vault_domain(scope), _vault_label(scope, key_id), key["private_wrapped"])
    return Ed25519PrivateKey.from_private_bytes(seed)


@contextmanager
def _key_provider() -> Iterator[None]:
    """Say it the signer's way when the vault cannot give or take a key."""
    try:
        yield
    except (InvalidTag, OSError, ValueError):
        raise refusal("signing_key_provider_unavailable") from None


def _vault_domain(scope: str) -> str:
    return scope.removeprefix("domain:")


def _vault_label(scope: str, key_id: str) -> str:
    return f"signing:{scope}:{key_id}"
