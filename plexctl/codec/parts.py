"""Parts of a JSON text that has been checked: an object's members and a list's items, as they were written."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from plexctl.codec.decoding import MalformedError, Struct, decode
from plexctl.codec.exact import EXACT_DECODER
from plexctl.codec.library import msgspec
from plexctl.payload import Bytes, Number

Raw = msgspec.Raw

_FAST_DECODER = msgspec.json.Decoder(float_hook=Number)
_NEGATIVE_ZERO = re.compile(rb"-0(?![\w.-])")  # Python's int cannot keep its sign
_NOT_BLANK = re.compile(r"[^ \t\n\r]")


def value(text: Bytes | Raw) -> Any:
    """Decode a checked text as `value_decoder` says."""
    return value_decoder(text)(text)


def value_decoder(text: Bytes | Raw) -> Callable[[Bytes | Raw], Any]:
    """Return the function that decodes the parts of a checked text.

    It returns a Number for a number that Python would write differently. If a name is given twice, the last value
    counts.
    """
    return _decode_exactly if _NEGATIVE_ZERO.search(text) else _decode_quickly


def _decode_quickly(text: Bytes | Raw) -> Any:
    try:
        return _FAST_DECODER.decode(text)
    except msgspec.DecodeError:  # a lone surrogate escape, or an integer of thousands of digits
        return _decode_exactly(text)


def _decode_exactly(text: Bytes | Raw) -> Any:
    return EXACT_DECODER.decode(bytes(text).decode())


def members(text: Bytes | Raw) -> dict[str, Raw]:
    """Split a checked object into its members. Of a name given twice the last value counts."""
    try:
        return _MEMBERS.decode(text)
    except msgspec.DecodeError:  # a lone surrogate
        return {name: Raw(value) for name, value in _named_values(bytes(text).decode())}


def items(text: Bytes | Raw) -> list[Raw]:
    """Split a checked list into its items."""
    try:
        return _ITEMS.decode(text)
    except msgspec.DecodeError:  # a lone surrogate
        return [Raw(value) for value in _values(bytes(text).decode())]


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def object_of(members: Mapping[str, Bytes | Raw]) -> bytes:
    """Build an object from names and the texts of their values."""
    return b"{" + b",".join(json.dumps(name).encode() + b":" + bytes(text) for name, text in members.items()) + b"}"


def digest_without(text: Bytes, names: Collection[str]) -> bytes:
    """Digest a checked object without the members of these names; it makes no copy of a long text."""
    from hashlib import blake2b  # few commands need it

    digest = blake2b()
    for name, value in members(text).items():
        if name not in names:
            digest.update(json.dumps(name).encode() + b":")
            digest.update(value)
            digest.update(b",")
    return digest.digest()


def with_first(text: Bytes, name: str, string: str) -> bytes:
    """Insert a first member into a checked object that is not empty."""
    rest = bytes(text).lstrip().removeprefix(b"{")
    first = json.dumps(name) + ":" + json.dumps(string)
    return b"{" + first.encode() + b"," + rest


def named_values(text: Bytes) -> list[tuple[str, bytes]]:
    """List each member of an object with the text of its value, in order, also names that are given twice.

    For a text that is not a JSON object the list is empty.
    """
    try:
        decode(text, _AnyObject)
    except MalformedError:
        return []
    return list(_named_values(text.decode()))


class _AnyObject(Struct):
    """An object of any shape."""


def _named_values(text: str) -> Iterator[tuple[str, bytes]]:
    start = _next(text, text.index("{") + 1)
    while text[start] == '"':
        name, end = EXACT_DECODER.raw_decode(text, start)
        start = _next(text, _next(text, end) + 1)  # past the colon
        _, end = EXACT_DECODER.raw_decode(text, start)
        yield name, text[start:end].encode()
        start = _after_comma(text, end)


def _values(text: str) -> Iterator[bytes]:
    start = _next(text, text.index("[") + 1)
    while text[start] != "]":
        _, end = EXACT_DECODER.raw_decode(text, start)
        yield text[start:end].encode()
        start = _after_comma(text, end)


def _after_comma(text: str, end: int) -> int:
    start = _next(text, end)
    return _next(text, start + 1) if text[start] == "," else start


def _next(text: str, start: int) -> int:
    """Find the first character from `start` on that is not white space; a complete object has one."""
    found = _NOT_BLANK.search(text, start)
    return found.start() if found else len(text)
