"""A part of a document: the result of an expression in any format, or the ids alone, one per line."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from plexctl.codec.parts import Raw, items, members, value
from plexctl.failures import Failure, Kind
from plexctl.payload import Bytes
from plexctl.render.document import one_line
from plexctl.render.text import visible

if TYPE_CHECKING:
    from plexctl.payload import Document

_LINES_PER_PIECE = 10_000


def queried(
    document: "Document", expression: str, write: "Callable[[bytes], Iterator[bytes]] | None"
) -> Iterator[bytes]:
    """Write the result of an expression as a document, by `write`, or in text as lines, by None.

    Raises: Failure(local) where the expression cannot be evaluated over this document.
    """
    from plexctl.codec.query import QueryError, search

    try:
        result = search(text_of(document), expression)
    except QueryError as error:
        detail = f"--query: {error}; the command itself has succeeded"
        raise Failure(Kind.LOCAL, "Query Failed", detail) from None
    yield from write(result) if write else _joined(_lines(result))


def ids(document: "Document", field: str) -> Iterator[bytes]:
    """Write the ids of a list's items, or that of a single thing, one per line."""
    whole = members(text_of(document))
    found = map(members, items(whole["items"])) if "items" in whole else [whole]
    yield from _joined(_line(each[field]) for each in found)


def text_of(document: "Document") -> Bytes:
    """Return a document as JSON."""
    if isinstance(document, Mapping):
        from json import dumps

        return dumps(document).encode()
    return document


def _lines(result: bytes) -> Iterator[str]:
    """Write a list an item per line, and anything else as one line."""
    if result.startswith(b"["):
        yield from map(_line, items(result))
    else:
        yield _line(Raw(result))


def _line(text: Raw) -> str:
    """Write a string without its quotes, null as an empty line, and anything else as JSON on one line."""
    octets = bytes(text)
    if octets.startswith(b'"'):
        return visible(value(text))
    return "" if octets == b"null" else one_line(octets)


def _joined(lines: Iterable[str]) -> Iterator[bytes]:
    from itertools import islice

    rest = iter(lines)
    while piece := [*islice(rest, _LINES_PER_PIECE)]:
        yield ("\n".join(piece) + "\n").encode()
