"""A Node's heartbeat, and the hints that answer it."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, NamedTuple

from plexctl.local.control.base import limits, reasons
from plexctl.local.control.base.fields import ECHOED, Body, check_known
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND, from_wire, to_wire
from plexctl.local.control.mesh import contact, key_rotation, node_secret, revisions

_FIELDS = ("client_now", "binary_checksum", "binary_version", "nat_summary")
_SHA_256_LENGTH = 32  # bytes


class Heartbeat(NamedTuple):
    """What a Node reports about itself; `behind_nat` is None where it says nothing of NAT."""

    binary_checksum: bytes
    binary_version: str
    behind_nat: bool | None


def accept(control: Control, bearer: str | None, node_id: str, read_body: Callable[[], Body]) -> dict[str, Any]:
    """Record a heartbeat. The body is read once the caller is known to be this very Node.

    Raises: Refusal(unauthorized, malformed_heartbeat_request, clock_skew, binary_checksum_empty,
    binary_version_empty), and those of `contact.authenticate_as`.
    """
    contact.authenticate_as(control, node_secret.required(bearer), node_id)
    body = read_body()
    with control.write(None) as tx:
        return _record(tx, node_id, _read(body, tx.now))


def _record(tx: Transaction, node_id: str, heartbeat: Heartbeat) -> dict[str, Any]:
    updated = tx.execute(
        "UPDATE nodes SET last_heartbeat_at = :now, binary_checksum = :binary_checksum,"
        " binary_version = :binary_version WHERE id = :id",
        {"id": node_id, "now": tx.now, **heartbeat._asdict()},
    )
    if updated.rowcount == 0:
        raise node_secret.revoked(node_id)
    if heartbeat.behind_nat is not None:
        revisions.record_nat(tx, node_id, behind_nat=heartbeat.behind_nat)
    pending = key_rotation.pending_rotation(tx, node_id)
    return {
        "accepted_at": to_wire(tx.now),
        "reconcile": revisions.is_outdated(tx, node_id),
        "rotate_keys": pending is not None,
    }


def _read(body: Body, now: int) -> Heartbeat:
    """Check a heartbeat in the order of its codes: malformed, clock, checksum, version."""
    check_known(body, _FIELDS, reasons.MALFORMED_HEARTBEAT_REQUEST)
    version = _text(body, "binary_version")
    checksum = _text(body, "binary_checksum")
    behind_nat = _needs_relay(body.get("nat_summary"))
    _check_clock(body.get("client_now"), now)
    digest = _digest(checksum)
    if not version.strip():
        raise Refusal(reasons.BINARY_VERSION_EMPTY, "binary_version is missing or blank; send the version of plexd")
    return Heartbeat(digest, version, behind_nat)


def _text(body: Body, name: str) -> str:
    """Read a text that may be absent, since emptiness is refused later with a code of its own."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _malformed(f"{name} is not a string")
    if value is not None and len(value) > limits.HEARTBEAT_TEXT.most:
        raise _malformed(f"{name} is longer than {limits.HEARTBEAT_TEXT.most} characters")
    return value or ""


def _needs_relay(summary: object) -> bool | None:
    """Tell whether a NAT summary reports a NAT that peers cannot traverse: symmetric, or `behind_nat` true.

    A summary without either, such as that of an agent which has not probed yet, says nothing.
    """
    if not isinstance(summary, dict):
        raise _malformed("nat_summary is not an object; send {} while nothing is known")
    if not summary.keys() & {"nat_type", "behind_nat"}:
        return None
    return summary.get("nat_type") == "symmetric" or summary.get("behind_nat") is True


def _check_clock(client_now: object, now: int) -> None:
    if not isinstance(client_now, str):
        raise _malformed("client_now is not an RFC 3339 date-time")
    try:
        skew_us = abs(from_wire(client_now) - now)
    except ValueError as error:
        raise _malformed(f"client_now {client_now[:ECHOED]!r} {error}") from None
    if skew_us > limits.CLOCK_SKEW_SECONDS.most * MICROSECONDS_PER_SECOND:
        raise Refusal(
            reasons.CLOCK_SKEW,
            f"client_now {client_now[:ECHOED]} is {skew_us / MICROSECONDS_PER_SECOND:f} s away from the plane's"
            f" {to_wire(now)}; at most {limits.CLOCK_SKEW_SECONDS.most} s are allowed",
        )


def _digest(text: str) -> bytes:
    """Decode a SHA-256 digest from standard base64."""
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _SHA_256_LENGTH or base64.b64encode(digest).decode() != text:
        raise Refusal(
            reasons.BINARY_CHECKSUM_EMPTY,
            "binary_checksum is missing or not a SHA-256 digest: send its 32 bytes as 44 characters of base64",
        )
    return digest


def _malformed(detail: str) -> Refusal:
    return Refusal(reasons.MALFORMED_HEARTBEAT_REQUEST, detail)
