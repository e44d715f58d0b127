"""Listings whose cursors repeat, grow or never end."""

import os
import socket

from tests.fake_server import Act, answer
from tests.hostile.case import Case, malformed, sized, used
from tests.samples import LIST, PROJECT

ALL = f"{LIST} --all"
BY_SLUG = "domain get acme-corp"
DOMAIN = {**PROJECT, "slug": "another", "mesh_cidr": "10.0.0.0/24"}
LONG = "c" * 5_000
TOO_LONG = "é" * 70_000


def page(cursor: object, *items: object) -> bytes:
    return answer(200, {"items": list(items), "next_cursor": cursor})


def endless(*items: object) -> Act:
    """Answer every request with a further page and a cursor that has not been seen."""

    def act(connection: socket.socket) -> None:
        connection.sendall(page(os.urandom(8).hex(), *items))

    return act


def not_usable(*acts: Act, line: str = ALL) -> Case:
    """Expect the kind malformed, with the status of the success that brought the page."""
    return malformed(*acts, status=200, line=line)


LAST = page(None, PROJECT)
CASES: dict[str, Case] = {
    "a cursor that repeats at once": not_usable(page("a", PROJECT)),
    "a cursor that repeats later": not_usable(page("a", PROJECT), page("b"), page("a")),
    "a cursor that repeats in a search": not_usable(page("a", DOMAIN), line=BY_SLUG),
    "empty pages without end": not_usable(endless()),
    "empty pages without end in a search": not_usable(endless(), line=BY_SLUG),
    "pages without end": not_usable(endless(PROJECT, "no Project")),
    "pages without end in a search": not_usable(endless(DOMAIN), line=BY_SLUG),
    "more bytes than a listing may have": not_usable(endless({**PROJECT, "a": "x" * 300_000})),
    "a cursor that grows": not_usable(page(LONG, PROJECT)),
    "a cursor longer than a URL": not_usable(page(TOO_LONG, PROJECT)),
    "a cursor longer than a URL in a search": not_usable(page(TOO_LONG, DOMAIN), line=BY_SLUG),
    "a cursor longer than a URL on one page": used(page(TOO_LONG, PROJECT)),
    "a cursor of control characters": used(page("\x1b[2J\r\n\u202e\0", PROJECT), LAST, line=ALL),
    "a cursor of a request": used(page("a HTTP/1.1\r\nHost: evil\r\n\r\n&x=#?/../", PROJECT), LAST, line=ALL),
    "a cursor of half a character": not_usable(page("\ud800", PROJECT), LAST),
    "a cursor that is a number": not_usable(page(5, PROJECT)),
    "a cursor that is a list": not_usable(page(["a"], PROJECT)),
    "a cursor that is true": not_usable(page(True, PROJECT)),
    "an empty cursor": used(page("", PROJECT), line=ALL),
    "items that are null": not_usable(answer(200, {"items": None})),
    "items that are an object": not_usable(answer(200, {"items": {"a": PROJECT}})),
    "an item within an item": not_usable(answer(200, {"items": [[PROJECT]]})),
    "the last page broken": not_usable(page("b", PROJECT), sized(b"{")),
}
