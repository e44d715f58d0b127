"""API tokens: further bearers of an operator, `psk_<env>_<token id>_<random>`, shown once and kept as fingerprints."""

import base64
import re
import uuid
from typing import NamedTuple

from plexctl.local.control.base import fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND, to_wire
from plexctl.local.store import Row

RANDOM_LENGTH = 32  # bytes: 256 random bits, in 52 characters
DEFAULT_LIFETIME_US = 30 * 24 * 3600 * MICROSECONDS_PER_SECOND
GRACE_US = 3600 * MICROSECONDS_PER_SECOND  # for which a rotated plaintext stays valid
ENVIRONMENTS = ("dev", "stage", "prod")
FIELDS = ("identity_ref", "env_prefix", "ttl_seconds")
_IDENTITY = re.compile(r"user:(?P<id>[0-9a-fA-F-]{36})")


class Minted(NamedTuple):
    """A new token: its id, the plaintext, and when that expires, in Unix microseconds."""

    id: str
    plaintext: str
    expires_at: int


def issue(control: Control, caller: Principal, body: Body) -> dict[str, object]:
    """Issue a token to the caller; only this answer contains its plaintext.

    Raises: Refusal(invalid_body).
    """
    env_prefix, lifetime_us = _read(body, caller)
    with control.write(caller) as tx:
        return _issued(mint(tx, caller.id, env_prefix, lifetime_us), env_prefix)


def mint(tx: Transaction, principal_id: str, env_prefix: str, lifetime_us: int = DEFAULT_LIFETIME_US) -> Minted:
    """Add a token of a principal, and delete the expired ones of all."""
    token_id, expires_at = tx.new_id(), tx.now + lifetime_us
    plaintext = _plaintext(tx, env_prefix, token_id)
    tx.execute("DELETE FROM api_tokens WHERE expires_at <= ?", (tx.now,))
    tx.execute(
        "INSERT INTO api_tokens (id, principal_id, env_prefix, fingerprint, lifetime_us, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (token_id, principal_id, env_prefix, _fingerprint(tx, plaintext), lifetime_us, tx.now, expires_at),
    )
    return Minted(token_id, plaintext, expires_at)


def list_own(control: Control, caller: Principal) -> list[dict[str, object]]:
    """List the caller's valid tokens in the order of issue, without their plaintext."""
    with control.read(caller) as tx:
        rows = tx.execute(
            "SELECT * FROM api_tokens WHERE principal_id = ? AND expires_at > ? ORDER BY sequence", (caller.id, tx.now)
        ).fetchall()
    return [_document(row) for row in rows]


def revoke(control: Control, caller: Principal, token_id: str) -> None:
    """Revoke one of the caller's tokens at once.

    Raises: Refusal(token_not_found).
    """
    with control.write(caller) as tx:
        token = _load(tx, caller, token_id)
        tx.execute("DELETE FROM api_tokens WHERE id = ?", (token["id"],))


def rotate(control: Control, caller: Principal, token_id: str) -> tuple[dict[str, object], int]:
    """Replace the plaintext of one of the caller's tokens; return the answer, and when the old one retires.

    Raises: Refusal(token_not_found).
    """
    with control.write(caller) as tx:
        token = _load(tx, caller, token_id)
        plaintext = _plaintext(tx, token["env_prefix"], token["id"])
        expires_at = tx.now + token["lifetime_us"]
        retires_at = min(tx.now + GRACE_US, token["expires_at"])
        tx.execute(
            "UPDATE api_tokens SET retired_fingerprint = fingerprint, retires_at = ?, fingerprint = ?, rotated_at = ?,"
            " expires_at = ? WHERE id = ?",
            (retires_at, _fingerprint(tx, plaintext), tx.now, expires_at, token["id"]),
        )
    answer = _issued(Minted(token["id"], plaintext, expires_at), token["env_prefix"])
    return {**answer, "rotation_deadline": to_wire(retires_at)}, retires_at


def _plaintext(tx: Transaction, env_prefix: str, token_id: str) -> str:
    secret = _base32(tx.vault.random_bytes(RANDOM_LENGTH))
    return f"psk_{env_prefix}_{_base32(uuid.UUID(token_id).bytes)}_{secret}"


def _base32(octets: bytes) -> str:
    return base64.b32encode(octets).decode().rstrip("=").lower()


def _fingerprint(tx: Transaction, plaintext: str) -> bytes:
    return tx.vault.fingerprint("bearer", plaintext)


def _load(tx: Transaction, caller: Principal, token_id: str) -> Row:
    row: Row | None = tx.execute(
        "SELECT * FROM api_tokens WHERE id = ? AND principal_id = ? AND expires_at > ?", (token_id, caller.id, tx.now)
    ).fetchone()
    if row is None:
        raise Refusal(reasons.TOKEN_NOT_FOUND, f"{caller.name} has no API token {token_id}")
    return row


def _read(body: Body, caller: Principal) -> tuple[str, int]:
    fields.check_known(body, FIELDS, reasons.INVALID_BODY)
    identity = _IDENTITY.fullmatch(fields.text(body, "identity_ref"))
    if identity is None or identity["id"].lower() != caller.id:
        detail = f"identity_ref is not user:{caller.id}; an operator issues tokens to nobody else"
        raise Refusal(reasons.INVALID_BODY, detail)
    env_prefix = fields.text(body, "env_prefix")
    if env_prefix not in ENVIRONMENTS:
        raise Refusal(reasons.INVALID_BODY, f"env_prefix {env_prefix!r} is not one of {', '.join(ENVIRONMENTS)}")
    return env_prefix, _lifetime_us(body)


def _lifetime_us(body: Body) -> int:
    if "ttl_seconds" not in body:
        return DEFAULT_LIFETIME_US
    return fields.whole_number(body, "ttl_seconds", limits.API_TOKEN_TTL_SECONDS) * MICROSECONDS_PER_SECOND


def _issued(minted: Minted, env_prefix: str) -> dict[str, object]:
    return {
        "id": minted.id,
        "plaintext": minted.plaintext,
        "env_prefix": env_prefix,
        "expires_at": to_wire(minted.expires_at),
    }


def _document(row: Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "env_prefix": row["env_prefix"],
        "created_at": to_wire(row["created_at"]),
        "expires_at": to_wire(row["expires_at"]),
        **({} if row["rotated_at"] is None else {"rotated_at": to_wire(row["rotated_at"])}),
    }
