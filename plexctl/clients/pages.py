"""Keyset paging: one page, or every page up to a limit that the caller is told of."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from plexctl.codec import parts
from plexctl.codec.parts import Raw
from plexctl.failures import Failure, Kind
from plexctl.payload import Payload

MOST_ITEMS = 100_000
LARGEST_PAGE = 200


class Page(Protocol):
    """A page of a keyset listing."""

    items: list[Any]
    next_cursor: str | None


SomePage = TypeVar("SomePage", bound=Page)
Fetch = Callable[[Mapping[str, str]], Payload[SomePage]]


class Paging(NamedTuple):
    """What the operator asked for: items per page (0: the server's own number), where to start, or every page."""

    limit: int = 0
    cursor: str | None = None
    all: bool = False

    def query(self) -> dict[str, str]:
        query = {"limit": str(self.limit)} if self.limit else {}
        return query | ({"cursor": self.cursor} if self.cursor else {})


def collect(fetch: Fetch[SomePage], paging: Paging, progress: Callable[[int], None]) -> Payload[SomePage]:
    """Fetch what was asked for, as one page.

    With every page asked for it stops at 100,000 items and then keeps `next_cursor`, so that a caller can go on.
    Raises: Failure.
    """
    if not paging.all:
        return fetch(paging.query())
    seen = set[str]()
    page = fetch(_next_page(paging, None, MOST_ITEMS).query())
    joined = page.view
    members = parts.members(page.document)
    items = parts.items(members["items"])
    while len(items) < MOST_ITEMS and (cursor := next_cursor(page, seen)):
        progress(len(items))
        page = fetch(_next_page(paging, cursor, MOST_ITEMS - len(items)).query())
        joined.items += page.view.items
        last = parts.members(page.document)
        items += parts.items(last["items"])
        members |= last
    del joined.items[MOST_ITEMS:]
    joined.next_cursor = page.view.next_cursor or None
    return Payload(_joined(members, items[:MOST_ITEMS], joined.next_cursor), joined)


def _joined(members: dict[str, Raw], items: list[Raw], cursor: str | None) -> bytes:
    """Write the list as one document; a member that is true of one page alone is left out."""
    whole: dict[str, bytes | Raw] = {**members, "items": b"[" + b",".join(map(bytes, items)) + b"]"}
    if cursor is None:
        whole.pop("next_cursor", None)
    if items:
        whole.pop("empty_reason", None)
    return parts.object_of(whole)


def next_cursor(page: Payload[SomePage], seen: set[str]) -> str | None:
    """Tell where the next page starts, if there is one, and note that. Raises: Failure for a cursor seen before."""
    cursor = page.view.next_cursor
    if cursor in seen:
        detail = "the server sent the same cursor twice; paging would not end"
        raise Failure(Kind.MALFORMED, "Malformed Answer", detail, status=page.status, request_id=page.request_id)
    if cursor:
        seen.add(cursor)
    return cursor


def _next_page(paging: Paging, cursor: str | None, room: int) -> Paging:
    """Ask for no more than there is room for, so that the last cursor continues where the items end."""
    return Paging(min(paging.limit or LARGEST_PAGE, room), cursor)
