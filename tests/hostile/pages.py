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


LAST = page(None, PROJECT)
CASES: dict[str, Case] = {
    "a cursor that repeats at once": malformed(page("a", PROJECT), line=ALL),
    "a cursor that repeats later": malformed(page("a", PROJECT), page("b"), page("a"), line=ALL),
    "a cursor that repeats in a search": malformed(page("a", DOMAIN), line=BY_SLUG),
    "empty pages without end": malformed(endless(), line=ALL),
    "empty pages without end in a search": malformed(endless(), line=BY_SLUG),
    "pages without end": malformed(endless(PROJECT, "no Project"), status=200, line=ALL),
    "pages without end in a search": malformed(endless(DOMAIN), line=BY_SLUG),
    "more bytes than a listing may have": malformed(endless({**PROJECT, "a": "x" * 300_000}), line=ALL),
    "a cursor that grows": malformed(page(LONG, PROJECT), line=ALL),
    "a cursor longer than a URL": malformed(page(TOO_LONG, PROJECT), line=ALL),
    "a cursor longer than a URL in a search": malformed(page(TOO_LONG, DOMAIN), line=BY_SLUG),
    "a cursor longer than a URL on one page": used(page(TOO_LONG, PROJECT)),
    "a cursor of control characters": used(page("\x1b[2J\r\n\u202e\0", PROJECT), LAST, line=ALL),
    "a cursor of a request": used(page("a HTTP/1.1\r\nHost: evil\r\n\r\n&x=#?/../", PROJECT), LAST, line=ALL),
    "a cursor of half a character": malformed(page("\ud800", PROJECT), LAST, line=ALL),
    "a cursor that is a number": malformed(page(5, PROJECT), status=200, line=ALL),
    "a cursor that is a list": malformed(page(["a"], PROJECT), status=200, line=ALL),
    "a cursor that is true": malformed(page(True, PROJECT), status=200, line=ALL),
    "an empty cursor": used(page("", PROJECT), line=ALL),
    "items that are null": malformed(answer(200, {"items": None}), status=200, line=ALL),
    "items that are an object": malformed(answer(200, {"items": {"a": PROJECT}}), status=200, line=ALL),
    "an item within an item": malformed(answer(200, {"items": [[PROJECT]]}), status=200, line=ALL),
    "the last page broken": malformed(page("b", PROJECT), sized(b"{"), status=200, line=ALL),
}
