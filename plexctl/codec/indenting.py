"""Indenting a text, which changes nothing but the blanks between its parts."""

import re

from plexctl.codec.library import msgspec
from plexctl.payload import Bytes

_GUISE = b"\x7f"
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u(?P<half>[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def indent(text: Bytes) -> bytes:
    """Indent a text that has been checked by two spaces per level; names and values stay as they were written."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:  # half a character: its escape passes in the guise of another
        disguised = _ESCAPE.sub(_disguise, bytes(text).replace(_GUISE, b"\\u007f"))
        return msgspec.json.format(disguised, indent=2).replace(_GUISE, b"\\u")


def _disguise(escape: re.Match[bytes]) -> bytes:
    return _GUISE + escape["half"] if escape["half"] else escape[0]
