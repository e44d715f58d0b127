"""Indentation of a JSON text, which changes only the white space between its tokens."""

import re

from plexctl.codec.library import msgspec
from plexctl.payload import Bytes

_STAND_IN = b"\x7f"  # replaces the `\u` of a lone surrogate escape while msgspec indents
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u(?P<lone>[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def indent(text: Bytes, spaces: int = 2) -> bytes:
    """Indent a checked text by so many spaces per level; names and values stay as they were written.

    With `spaces` below 0 there is no white space at all.
    """
    try:
        return msgspec.json.format(text, indent=spaces)
    except msgspec.DecodeError:  # a lone surrogate escape, which msgspec refuses
        replaced = _ESCAPE.sub(_replace_lone, bytes(text).replace(_STAND_IN, b"\\u007f"))
        return msgspec.json.format(replaced, indent=spaces).replace(_STAND_IN, b"\\u")


def _replace_lone(escape: re.Match[bytes]) -> bytes:
    return _STAND_IN + escape["lone"] if escape["lone"] else escape[0]
