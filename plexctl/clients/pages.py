"""Keyset paging: fetch one page of a list, or every page as one."""

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
    """The pages asked for: items per page (0 means the server's default), the cursor to start from, or all of them."""

    limit: int = 0
    cursor: str | None = None
    all: bool = False

    def query(self) -> dict[str, str]:
        """Return the query parameters of one request."""
        query = {"limit": str(self.limit)} if self.limit else {}
        return query | ({"cursor": self.cursor} if self.cursor else {})


def collect(fetch: Fetch[SomePage], paging: Paging, progress: Callable[[int], None]) -> Payload[SomePage]:
    """Fetch the pages asked for and return them as one.

    When all are asked for, it calls `progress` with the number of items after each page, and stops at 100,000 items;
    `next_cursor` of the result then says where to continue.

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
    """Join the pages into one document, without the members that describe only the last page."""
    whole: dict[str, bytes | Raw] = {**members, "items": b"[" + b",".join(map(bytes, items)) + b"]"}
    if cursor is None:
        whole.pop("next_cursor", None)
    if items:
        whole.pop("empty_reason", None)
    return parts.object_of(whole)


def next_cursor(page: Payload[SomePage], seen: set[str]) -> str | None:
    """Return the cursor of the next page, or None, and add it to `seen`.

    Raises: Failure(malformed) for a cursor that is in `seen`.
    """
    cursor = page.view.next_cursor
    if cursor in seen:
        detail = "the server sent the same cursor twice; paging would not end"
        raise Failure(Kind.MALFORMED, "Malformed Response", detail, status=page.status, request_id=page.request_id)
    if cursor:
        seen.add(cursor)
    return cursor


def _next_page(paging: Paging, cursor: str | None, room: int) -> Paging:
    """Ask for at most `room` items, so that the last cursor continues where the items end."""
    return Paging(min(paging.limit or LARGEST_PAGE, room), cursor)
