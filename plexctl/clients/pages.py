"""Keyset paging: fetch one page of a list, or every page as one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from plexctl.clients.body import MEBIBYTE
from plexctl.codec import parts
from plexctl.codec.parts import Raw
from plexctl.failures import Failure, Kind
from plexctl.payload import Payload

MOST_ITEMS = 100_000
LARGEST_PAGE = 200
MOST_EMPTY_PAGES = 1_000  # in a row; a page may be empty, since the caller is not shown every row
LONGEST_CURSOR = 4_096  # characters; it travels in a URL
LARGEST_LISTING_BYTES = 256 * MEBIBYTE  # of all pages together


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


class Cursors:
    """The cursors of one listing, which a server could keep sending for ever."""

    def __init__(self) -> None:
        self._seen = set[str]()
        self._empty_pages = 0

    def after(self, page: Payload[SomePage]) -> str | None:
        """Return the cursor of the next page, or None after the last one.

        Raises: Failure(malformed) for a cursor that cannot be sent, and where paging would not end.
        """
        cursor = page.view.next_cursor
        if not cursor:
            return None
        self._empty_pages = 0 if page.view.items else self._empty_pages + 1
        if cursor in self._seen:
            raise _endless(page, "sent the same cursor twice")
        if self._empty_pages >= MOST_EMPTY_PAGES:
            raise _endless(page, f"sent {self._empty_pages:,} empty pages in a row")
        if len(self._seen) >= MOST_ITEMS:
            raise _endless(page, f"sent more than {MOST_ITEMS:,} pages")
        if len(cursor) > LONGEST_CURSOR or not _can_be_sent(cursor):
            detail = f"the server sent a cursor that is longer than {LONGEST_CURSOR:,} characters or not UTF-8"
            raise _malformed(page, detail)
        self._seen.add(cursor)
        return cursor


def _can_be_sent(cursor: str) -> bool:
    try:
        cursor.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def _endless(page: Payload[SomePage], what: str) -> Failure:
    return _malformed(page, f"the server {what}; paging would not end")


def _malformed(page: Payload[SomePage], detail: str) -> Failure:
    return Failure(Kind.MALFORMED, "Malformed Response", detail, status=page.status, request_id=page.request_id)


def each_page(fetch: Fetch[SomePage], query: Mapping[str, str]) -> Iterator[Payload[SomePage]]:
    """Yield the pages of a listing, each fetched when it is asked for.

    Raises: Failure.
    """
    cursors = Cursors()
    page = fetch(query)
    yield page
    while cursor := cursors.after(page):
        page = fetch({**query, "cursor": cursor})
        yield page


def collect(fetch: Fetch[SomePage], paging: Paging, progress: Callable[[int], None]) -> Payload[SomePage]:
    """Fetch the pages asked for and return them as one.

    When all are asked for, it calls `progress` with the number of items after each page, and stops at 100,000 items;
    `next_cursor` of the result then says where to continue.

    Raises: Failure.
    """
    if not paging.all:
        return fetch(paging.query())
    cursors = Cursors()
    page = fetch(_next_page(paging, None, MOST_ITEMS).query())
    joined = page.view
    members = parts.members(page.document)
    items = parts.items(members["items"])
    size_bytes = len(page.document)
    while len(items) < MOST_ITEMS and (cursor := cursors.after(page)):
        progress(len(items))
        page = fetch(_next_page(paging, cursor, MOST_ITEMS - len(items)).query())
        size_bytes += len(page.document)
        if size_bytes > LARGEST_LISTING_BYTES:
            limit = f"{LARGEST_LISTING_BYTES // MEBIBYTE} MiB"
            detail = f"the pages are larger than {limit} together; ask for fewer with --limit and --cursor"
            raise _malformed(page, detail)
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


def _next_page(paging: Paging, cursor: str | None, room: int) -> Paging:
    """Ask for at most `room` items, so that the last cursor continues where the items end."""
    return Paging(min(paging.limit or LARGEST_PAGE, room), cursor)
