"""The keys that sign the mesh event bus: one active key per scope.

A key is active → rotating → retired. Opening a rotation makes the new key active, because fresh signatures use it from
then on, and the old key rotating: it still verifies, and signs if it is named. Closing the rotation retires the old
key; the new one remains as the scope's only key in use.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.signing import scopes
from plexctl.local.store import Row
from plexctl.local.vault import Vault

ENVIRONMENT = "dev"  # this plane's, in the names of its keys


def full_id(scope: str, key_id: str) -> str:
    """Return the name of a key as Nodes know it."""
    kind, _, _ = scope.partition(":")
    return f"did:plexsphere:{kind}/{ENVIRONMENT}#{key_id}"


def create_key(tx: Transaction, scope: str, key_id: str) -> None:
    """Generate a scope's new active key; no other key of the scope may be active.

    Raises: Refusal(signing_key_provider_unavailable).
    """
    with _provider_errors():
        seed = tx.vault.random_bytes(32)
        wrapped = tx.vault.wrap(_vault_domain(scope), _vault_label(scope, key_id), seed)
    public_key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    tx.execute(
        "INSERT INTO signing_keys (scope, key_id, state, public_key, private_wrapped, created_at)"
        " VALUES (?, ?, 'active', ?, ?, ?)",
        (scope, key_id, public_key, wrapped, tx.now),
    )


def current_key(tx: Transaction, scope: str) -> Row:
    """Return the row of the key that fresh signatures use: during an overlap, the new one.

    Raises: Refusal(signing_key_not_found) if the scope has no keys.
    """
    row: Row | None = tx.execute("SELECT * FROM signing_keys WHERE scope = ? AND state = 'active'", (scope,)).fetchone()
    if row is None:
        raise Refusal(reasons.SIGNING_KEY_NOT_FOUND)
    return row


def named_key(tx: Transaction, scope: str, key_id: str) -> Row:
    """Return a scope's key of that id, in any state.

    Raises: Refusal(signing_scope_mismatch) if only other scopes have such a key; Refusal(signing_key_not_found) if
    none has.
    """
    row: Row | None = tx.execute(
        "SELECT * FROM signing_keys WHERE key_id = ? ORDER BY scope <> ?", (key_id, scope)
    ).fetchone()
    if row is None:
        raise Refusal(reasons.SIGNING_KEY_NOT_FOUND)
    if row["scope"] != scope:
        raise Refusal(reasons.SIGNING_SCOPE_MISMATCH)
    return row


def sign(control: Control, caller: Principal, scope: str, key_id: str, canonical_bytes: bytes) -> tuple[bytes, str]:
    """Sign with the named key, or with the current one for an empty id; return signature (RFC 8032) and key id.

    Raises: Refusal(signing_invariant_violation, signing_key_retired, signing_key_provider_unavailable), and those of
    `admit` and `named_key`.
    """
    scope = scopes.parse(scope, *([key_id] if key_id else []))
    with control.read(caller) as tx:
        scopes.admit(tx, scope, control.settings.deployment_profile)
        key = named_key(tx, scope, key_id) if key_id else current_key(tx, scope)
    if key["state"] == "retired":
        raise Refusal(reasons.SIGNING_KEY_RETIRED)
    return private_key(control.vault, key).sign(canonical_bytes), key["key_id"]


def private_key(vault: Vault, key: Row) -> Ed25519PrivateKey:
    """Unwrap the private half of a key.

    Raises: Refusal(signing_key_provider_unavailable).
    """
    scope, key_id = key["scope"], key["key_id"]
    with _provider_errors():
        seed = vault.unwrap(_vault_domain(scope), _vault_label(scope, key_id), key["private_wrapped"])
    return Ed25519PrivateKey.from_private_bytes(seed)


@contextmanager
def _provider_errors() -> Iterator[None]:
    """Turn vault errors into the refusal `signing_key_provider_unavailable`."""
    try:
        yield
    except (InvalidTag, OSError, ValueError):
        raise Refusal(reasons.SIGNING_KEY_PROVIDER_UNAVAILABLE) from None


def _vault_domain(scope: str) -> str:
    return scope.removeprefix("domain:")


def _vault_label(scope: str, key_id: str) -> str:
    return f"signing:{scope}:{key_id}"
