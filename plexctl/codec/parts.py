"""Parts of a text that has been checked: an object's members and a list's items, as they were written."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from plexctl.codec.decoding import Malformed, Struct, decode
from plexctl.codec.exact import EXACT_DECODER
from plexctl.codec.library import msgspec
from plexctl.payload import Bytes, Number

Raw = msgspec.Raw

_FAST_DECODER = msgspec.json.Decoder(float_hook=Number)
_NEGATIVE_ZERO = re.compile(rb"-0(?![\w.-])")  # an int has none
_NOT_BLANK = re.compile(r"[^ \t\n\r]")


def value(text: Bytes | Raw) -> Any:  # noqa: ANN401  whatever JSON holds
    """Decode a text that has been checked; see `value_decoder`."""
    return value_decoder(text)(text)


def value_decoder(text: Bytes | Raw) -> Callable[[Bytes | Raw], Any]:
    """Return what decodes the parts of a text that has been checked.

    It keeps a number as a Number where Python would write it differently. Of a name given twice the last value counts.
    """
    return _decode_exactly if _NEGATIVE_ZERO.search(text) else _decode_quickly


def _decode_quickly(text: Bytes | Raw) -> Any:  # noqa: ANN401  whatever JSON holds
    try:
        return _FAST_DECODER.decode(text)
    except msgspec.DecodeError:  # half a character, or an integer of thousands of digits
        return _decode_exactly(text)


def _decode_exactly(text: Bytes | Raw) -> Any:  # noqa: ANN401  whatever JSON holds
    return EXACT_DECODER.decode(bytes(text).decode())


def members(text: Bytes | Raw) -> dict[str, Raw]:
    """Take an object that has been checked apart. Of a name given twice the last value counts."""
    try:
        return _MEMBERS.decode(text)
    except msgspec.DecodeError:  # half a character
        return {name: Raw(value) for name, value in _named_values(bytes(text).decode())}


def items(text: Bytes | Raw) -> list[Raw]:
    """Take a list that has been checked apart."""
    try:
        return _ITEMS.decode(text)
    except msgspec.DecodeError:  # half a character
        return [Raw(item) for item in _items(bytes(text).decode())]


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def object_of(members: Mapping[str, Bytes | Raw]) -> bytes:
    """Put an object together of names and the texts of their values."""
    return b"{" + b",".join(json.dumps(name).encode() + b":" + bytes(text) for name, text in members.items()) + b"}"


def with_first(text: Bytes, name: str, string: str) -> bytes:
    """Put a member in front of an object that has been checked and has members."""
    rest = bytes(text).lstrip().removeprefix(b"{")
    first = json.dumps(name) + ":" + json.dumps(string)
    return b"{" + first.encode() + b"," + rest


def named_values(text: Bytes) -> list[tuple[str, bytes]]:
    """List each member of an object with its value's text, in order, names given twice too.

    A text that is not a JSON object has none.
    """
    try:
        decode(text, _AnyObject)
    except Malformed:
        return []
    return list(_named_values(text.decode()))


class _AnyObject(Struct):
    """An object of which nothing is expected."""


def _named_values(text: str) -> Iterator[tuple[str, bytes]]:
    start = _next(text, text.index("{") + 1)
    while text[start] == '"':
        name, end = EXACT_DECODER.raw_decode(text, start)
        start = _next(text, _next(text, end) + 1)  # past the colon
        _, end = EXACT_DECODER.raw_decode(text, start)
        yield name, text[start:end].encode()
        start = _next(text, end)
        if text[start] == ",":
            start = _next(text, start + 1)


def _items(text: str) -> Iterator[bytes]:
    start = _next(text, text.index("[") + 1)
    while text[start] != "]":
        _, end = EXACT_DECODER.raw_decode(text, start)
        yield text[start:end].encode()
        start = _next(text, end)
        if text[start] == ",":
            start = _next(text, start + 1)


def _next(text: str, start: int) -> int:
    """Find the first character from `start` on that is not a blank; in a whole object there is one."""
    found = _NOT_BLANK.search(text, start)
    return found.start() if found else len(text)
