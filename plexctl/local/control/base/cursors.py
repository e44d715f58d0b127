"""Keyset cursors: the position in a list, encrypted and valid for one caller and one list."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from itertools import islice

from cryptography.exceptions import InvalidTag

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.store import Row
from plexctl.local.vault import Vault

VERSION = b"\x01"


def position(vault: Vault, caller: Principal, listing: str, cursor: str | None) -> list[str]:
    """Return the sort key of the last row already seen; without a cursor, one before every row.

    `listing` names the list and its filter.

    Raises: Refusal(invalid_cursor) if the plane did not make the cursor for that list;
    Refusal(cursor_binding_mismatch) if it made it for another caller.
    """
    if cursor is None:
        return ["", ""]
    try:
        owner, *last_seen = json.loads(vault.unwrap("platform", f"cursor:{listing}", _decode(cursor)))
    except (ValueError, InvalidTag):
        raise Refusal(
            reasons.INVALID_CURSOR, "the cursor is not one that this list handed out; start without a cursor"
        ) from None
    if owner != caller.id:
        detail = "the cursor was handed out to another caller; start without a cursor"
        raise Refusal(reasons.CURSOR_BINDING_MISMATCH, detail, reason="out_of_scope", relation_path=[])
    return list(last_seen)


def cut_page(
    vault: Vault, caller: Principal, listing: str, rows: Iterable[Row], limit: int
) -> tuple[list[Row], dict[str, str]]:
    """Take a page from the rows, and its `next_cursor` member, which is there if more rows follow.

    Each row has the columns `sort_key` and `id`, by which the list is sorted.
    """
    page = list(islice(rows, limit + 1))
    if len(page) <= limit:
        return page, {}
    last = page[limit - 1]
    return page[:limit], {"next_cursor": mint(vault, caller, listing, (last["sort_key"], last["id"]))}


def mint(vault: Vault, caller: Principal, listing: str, last_seen: Sequence[str]) -> str:
    """Make a cursor. It is encrypted, because the caller may not be allowed to read the row that it names."""
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
