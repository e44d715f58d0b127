"""Keyset paging: one page, or every page up to a limit that the caller is told of."""

from collections.abc import Callable, Mapping
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
    """What the operator asked for: items per page (0: the server's own number), where to start, or every page."""

    limit: int = 0
    cursor: str | None = None
    all: bool = False

    def query(self) -> dict[str, str]:
        query = {"limit": str(self.limit)} if self.limit else {}
        return query | ({"cursor": self.cursor} if self.cursor else {})


class Cursors:
    """The cursors of one listing, which a server could keep sending for ever."""

    def __init__(self) -> None:
        self._seen = set[str]()
        self._empty_pages = 0

    def after(self, page: Page) -> str | None:
        """Return where the next page starts, None after the last one. Raises: Failure where paging would not end."""
        cursor = page.next_cursor
        if not cursor:
            return None
        self._empty_pages = 0 if page.items else self._empty_pages + 1
        if cursor in self._seen:
            raise _endless("sent the same cursor twice")
        if self._empty_pages >= MOST_EMPTY_PAGES:
            raise _endless(f"sent {self._empty_pages:,} empty pages in a row")
        if len(self._seen) >= MOST_ITEMS:
            raise _endless(f"sent more than {MOST_ITEMS:,} pages")
        if len(cursor) > LONGEST_CURSOR or not _can_be_sent(cursor):
            raise _malformed(f"the server sent a cursor that is longer than {LONGEST_CURSOR:,} characters or not UTF-8")
        self._seen.add(cursor)
        return cursor


def _can_be_sent(cursor: str) -> bool:
    try:
        cursor.encode()
    except UnicodeEncodeError:  # half a character
        return False
    return True


def _endless(what: str) -> Failure:
    return _malformed(f"the server {what}; paging would not end")


def _malformed(detail: str) -> Failure:
    return Failure(Kind.MALFORMED, "Malformed Answer", detail)


def collect(fetch: Fetch[SomePage], paging: Paging, progress: Callable[[int], None]) -> Payload[SomePage]:
    """Fetch what was asked for, as one page.

    With every page asked for it stops at 100,000 items and then keeps `next_cursor`, so that a caller can go on.
    Raises: Failure.
    """
    if not paging.all:
        return fetch(paging.query())
    cursors = Cursors()
    page = fetch(_next_page(paging, None, MOST_ITEMS).query())
    joined = page.view
    members = parts.members(page.document)
    items = parts.items(members["items"])
    size = len(page.document)
    while len(items) < MOST_ITEMS and (cursor := cursors.after(page.view)):
        progress(len(items))
        page = fetch(_next_page(paging, cursor, MOST_ITEMS - len(items)).query())
        size += len(page.document)
        if size > LARGEST_LISTING_BYTES:
            limit = f"{LARGEST_LISTING_BYTES // MEBIBYTE} MiB"
            raise _malformed(f"the pages are larger than {limit} together; ask for fewer with --limit and --cursor")
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


def _next_page(paging: Paging, cursor: str | None, room: int) -> Paging:
    """Ask for no more than there is room for, so that the last cursor continues where the items end."""
    return Paging(min(paging.limit or LARGEST_PAGE, room), cursor)
