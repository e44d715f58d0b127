"""The keys that sign the mesh event bus: one active key a scope, which is `platform` or `domain:<uuid>`.

A key's life is active → rotating → retired. Opening a rotation makes the new key active at once, because fresh
signatures use it from then on, and the old one rotating: it still verifies. Closing the rotation retires the old
key, and so leaves the new one as the scope's only living key.
"""

import sqlite3

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from plexctl.local.control.context import Control
from plexctl.local.control.refusal import Refusal


def create_key(connection: sqlite3.Connection, control: Control, scope: str, key_id: str) -> None:
    """Make a scope's new active key, in the caller's write transaction; no other key of it may be active."""
    seed = control.sources.random_bytes(32)
    public_key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    wrapped = control.vault.wrap(_vault_domain(scope), _vault_label(scope, key_id), seed)
    connection.execute(
        "INSERT INTO signing_keys (scope, key_id, state, public_key, private_wrapped, created_at)"
        " VALUES (?, ?, 'active', ?, ?, ?)",
        (scope, key_id, public_key, wrapped, control.sources.now()),
    )


def current_key(connection: sqlite3.Connection, control: Control, scope: str) -> sqlite3.Row:  # noqa: ARG001  every rule takes both
    """Return the row of the key that fresh signatures use: during an overlap, the new one.

    Raises Refusal signing_key_not_found for a scope without keys.
    """
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM signing_keys WHERE scope = ? AND state = 'active'", (scope,)
    ).fetchone()
    if row is None:
        raise Refusal("signing_key_not_found", "signing: key not found")
    return row


def _vault_domain(scope: str) -> str:
    return scope.removeprefix("domain:")


def _vault_label(scope: str, key_id: str) -> str:
    return f"signing:{scope}:{key_id}"
