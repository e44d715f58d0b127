"""A server's JSON → YAML: short texts are decoded at once, long ones level by level, to save memory."""

from collections.abc import Callable, Iterator
from typing import Any

from plexctl.codec.parts import Raw, items, members, value_decoder
from plexctl.payload import Bytes
from plexctl.render.yaml import after_name, block, key, new_line

_SHORT_BYTES = 1 << 16
_ITEMS_PER_PIECE = 1000

Decode = Callable[[Raw], Any]


def blocks(document: Bytes) -> Iterator[str]:
    """Write a checked JSON text as YAML, in pieces."""
    yield from _stream(Raw(document.strip()), "", value_decoder(document))


def _stream(text: Raw, pad: str, decode: Decode) -> Iterator[str]:
    """Write JSON as YAML whose first line continues the current line; `pad` indents the lines after it."""
    kind = _long_kind(text)
    if kind == b"{":
        for number, (name, member) in enumerate(members(text).items()):
            yield f"{new_line(pad) if number else ''}{key(name, pad)}:"
            yield from _member(member, pad, decode)
    elif kind == b"[":
        found = items(text)
        for start in range(0, len(found), _ITEMS_PER_PIECE):
            yield new_line(pad) if start else ""
            piece = [f"- {_item(item, pad + '  ', decode)}" for item in found[start : start + _ITEMS_PER_PIECE]]
            yield new_line(pad).join(piece)
    else:
        yield block(decode(text), pad)


def _member(text: Raw, pad: str, decode: Decode) -> Iterator[str]:
    kind = _long_kind(text)
    if not kind:
        yield after_name(decode(text), pad)
        return
    inner = pad + "  " if kind == b"{" else pad
    yield new_line(inner)
    yield from _stream(text, inner, decode)


def _item(text: Raw, pad: str, decode: Decode) -> str:
    return "".join(_stream(text, pad, decode)) if _long_kind(text) else block(decode(text), pad)


def _long_kind(text: Raw) -> bytes:
    """Return the bracket that opens a long object or list; for a short text, nothing."""
    octets = memoryview(text)
    if len(octets) <= _SHORT_BYTES:
        return b""
    first = bytes(octets[:1])
    return first if first in {b"{", b"["} else b""
