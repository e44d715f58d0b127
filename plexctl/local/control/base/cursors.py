"""Keyset cursors: where a list goes on, sealed so that only its caller can use it, and for that list alone."""

import base64
import binascii
import json
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.store import Row
from plexctl.local.vault import Vault

VERSION = b"\x01"


def position(vault: Vault, caller: Principal, listing: str, cursor: str | None) -> list[str]:
    """Return the sort key of the last row already seen; before every row without a cursor.

    `listing` names the list and its filter.

    Raises: Refusal(invalid_cursor) for a cursor that the plane did not make for that list,
    Refusal(cursor_binding_mismatch) for another caller's.
    """
    if cursor is None:
        return ["", ""]
    try:
        owner, *last_seen = json.loads(vault.unwrap("platform", f"cursor:{listing}", _decode(cursor)))
    except (ValueError, InvalidTag):
        raise Refusal(
            reasons.INVALID_CURSOR, "the cursor is not one that this list handed out; start without"
        ) from None
    if owner != caller.id:
        raise Refusal(reasons.CURSOR_BINDING_MISMATCH, "the cursor was handed out to another caller; start without")
    return list(last_seen)


def cut_page(
    vault: Vault, caller: Principal, listing: str, rows: list[Row], limit: int
) -> tuple[list[Row], dict[str, str]]:
    """Split rows read with one beyond the limit into the page and, if there is more, its `next_cursor` member.

    Every list sorts by `sort_key`, then `id`, which each row must have.
    """
    if len(rows) <= limit:
        return rows, {}
    last = rows[limit - 1]
    return rows[:limit], {"next_cursor": mint(vault, caller, listing, (last["sort_key"], last["id"]))}


def mint(vault: Vault, caller: Principal, listing: str, last_seen: Sequence[str]) -> str:
    """Make a cursor. It is encrypted, because the last row of a page may be one that the caller cannot read."""
    content = json.dumps([caller.id, *last_seen]).encode()
    sealed = vault.wrap("platform", f"cursor:{listing}", content)
    return base64.urlsafe_b64encode(VERSION + sealed).rstrip(b"=").decode()


def _decode(cursor: str) -> bytes:
    padding = "=" * (-len(cursor) % 4)
    envelope = base64.b64decode(cursor + padding, altchars=b"-_", validate=True)
    canonical = base64.urlsafe_b64encode(envelope).rstrip(b"=").decode() == cursor
    if not canonical or envelope[:1] != VERSION:
        raise binascii.Error("not an envelope of this version")
    return envelope[1:]
