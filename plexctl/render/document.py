"""A document → JSON or YAML, with every field as the server sent it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from plexctl.render.text import REORDERING

if TYPE_CHECKING:
    from plexctl.payload import Document

_PIECE_BYTES = 1 << 20

# Characters that JSON does not escape and a terminal acts on; in a JSON string their escape means the same.
ACTING = re.compile(f"[\x7f-\x9f\ud800-\udfff{''.join(sorted(REORDERING))}]")

_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))")


def as_json(document: "Document", indentation: int | None = 2) -> Iterator[bytes]:
    """Write JSON in pieces: the server's bytes with plexctl's indentation, and characters for their escapes."""
    if isinstance(document, Mapping):
        from json import JSONEncoder  # a usage error imports nothing but this

        text = JSONEncoder(ensure_ascii=False, indent=indentation, allow_nan=False).encode(document)
        yield escaped(text).encode() + b"\n"
        return
    from plexctl.codec.indenting import indent

    indented = indent(document, indentation or 0)
    if indented.isascii() and b"\\" not in indented and b"\x7f" not in indented:
        yield indented
    else:
        yield from map(_shown, _pieces(indented))
    yield b"\n"


def as_json_line(document: "Document") -> Iterator[bytes]:
    """Write JSON on one line, as a stream of documents has it."""
    return as_json(document, None)


def as_yaml(document: "Document") -> Iterator[bytes]:
    """Write YAML in pieces, in which readers of YAML 1.1 and 1.2 find the same strings, numbers and booleans."""
    if isinstance(document, Mapping):
        from plexctl.render.yaml import block

        yield block(document).encode()
    else:
        from plexctl.render.yaml_stream import blocks

        yield from (piece.encode() for piece in blocks(document))
    yield b"\n"


def one_line(text: bytes) -> str:
    """Write a checked JSON text on one line, without white space between its tokens."""
    from plexctl.codec.indenting import indent

    return _shown(indent(text, -1)).decode()


WRITERS: Mapping[str, "Callable[[Document], Iterator[bytes]]"] = {"json": as_json, "yaml": as_yaml}


def escaped(text: str) -> str:
    """Escape the characters that a terminal acts on, all of which are inside quoted strings."""
    return ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _pieces(indented: bytes) -> Iterator[bytes]:
    """Split at the end of lines, which is never inside a string."""
    start = 0
    while start < len(indented):
        end = indented.find(b"\n", start + _PIECE_BYTES) + 1 or len(indented)
        yield indented[start:end]
        start = end


def _shown(piece: bytes) -> bytes:
    text = piece.decode()
    return escaped(_ESCAPE.sub(_unescaped, text) if "\\" in text else text).encode()


def _unescaped(escape: re.Match[str]) -> str:
    """Return the character of an escape, or the short escape where JSON requires one."""
    high, low, single, short = escape.groups()
    if short:
        return "/" if short == "/" else escape[0]
    from json import dumps

    code = 0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF) if high else int(single, 16)
    return dumps(chr(code), ensure_ascii=False)[1:-1]
