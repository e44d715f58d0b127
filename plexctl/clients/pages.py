"""Keyset paging: one page, or every page up to a limit that the caller is told of."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from plexctl.failures import Failure, Kind
from plexctl.wire import Document

MOST_ITEMS = 100_000
_LARGEST_PAGE = 200

Fetch = Callable[[Mapping[str, str]], Document]


class Paging(NamedTuple):
    """What the operator asked for: a page's size (0: the server's own), where to start, or every page."""

    limit: int = 0
    cursor: str | None = None
    all: bool = False

    def query(self) -> dict[str, str]:
        query = {"limit": str(self.limit)} if self.limit else {}
        return query | ({"cursor": self.cursor} if self.cursor else {})


def collect(fetch: Fetch, paging: Paging, progress: Callable[[int], None]) -> Document:
    """Fetch what was asked for, as one page document.

    With every page asked for it stops at 100,000 items and then keeps `next_cursor`, so that a caller can go on.
    Raises Failure.
    """
    page = fetch(paging.query())
    if not paging.all:
        return page
    items, seen = list(page["items"]), set[str]()
    while len(items) < MOST_ITEMS and (cursor := next_cursor(page, seen)):
        progress(len(items))
        page = fetch(_next_page(paging, cursor, MOST_ITEMS - len(items)).query())
        items += page["items"]
    merged = {name: value for name, value in page.items() if name != "next_cursor" or value}
    return merged | {"items": items[:MOST_ITEMS]}


def next_cursor(page: Document, seen: set[str]) -> str | None:
    """Tell where the next page starts, if there is one, and note that. Raises Failure for a cursor seen before."""
    cursor: str | None = page.get("next_cursor")
    if cursor in seen:
        raise Failure(Kind.MALFORMED, "Malformed Answer", "the server sent the same cursor twice; paging would not end")
    if cursor:
        seen.add(cursor)
    return cursor


def _next_page(paging: Paging, cursor: str, room: int) -> Paging:
    """Ask for no more than there is room for, so that the last cursor continues where the items end."""
    limit = min(paging.limit or _LARGEST_PAGE, room) if room < _LARGEST_PAGE else paging.limit
    return Paging(limit, cursor)
