"""Decoding: a text becomes a message while every field that the message declares is checked."""

import re
from functools import cache
from typing import Any, TypeVar

from plexctl.codec.exact import FIELDS_DECODER, HALF_CHARACTER
from plexctl.codec.library import msgspec
from plexctl.payload import Bytes

Struct = msgspec.Struct
Message = TypeVar("Message", bound=msgspec.Struct)

_DEEPEST = 100  # levels; what indents or shows a document recurses into it
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_PIECE = 1 << 20  # bytes

_COMPLAINT = re.compile(r"(?P<complaint>.*?)(?: - at `(?P<place>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_EXPECTED = re.compile(r"Expected `(?P<type>[a-z]+)(?: \| null)?`, got `(?P<found>[a-z]+)`")
_TYPE_NAMES = {
    "str": "a string",
    "bool": "true or false",
    "int": "an integer",
    "array": "a list",
    "object": "an object",
}


class Malformed(Exception):  # noqa: N818  it names what the text is
    """A text is not JSON, or not of the shape expected; the message names the place and what was expected there."""


def decode(text: Bytes, message: type[Message]) -> Message:
    """Decode one JSON object (RFC 8259), and check every field that the message declares.

    Raises: Malformed.
    """
    if not text:
        raise Malformed("it is empty")
    _check_encoding(text)
    try:
        view: Message = _decoder(message).decode(text)
    except msgspec.ValidationError as error:
        raise Malformed(_in_our_words(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        view = _decode_slowly(text, message, error)
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    _check_depth(text, view)
    return view


@cache
def _decoder(message: type[Message]) -> "msgspec.json.Decoder[Message]":
    return msgspec.json.Decoder(message)


def _decode_slowly(text: Bytes, message: type[Message], error: Exception) -> Message:
    """Decode a text with an escape for half a character, which only Python's own decoder takes; else refuse it."""
    if not HALF_CHARACTER.search(text):
        raise Malformed(f"it is not JSON: {error}") from None
    try:
        converted: Message = msgspec.convert(_python_value(text), message)
    except msgspec.ValidationError as complaint:
        raise Malformed(_in_our_words(str(complaint))) from None
    return converted


def _python_value(text: Bytes) -> Any:  # noqa: ANN401  whatever JSON holds
    try:
        return FIELDS_DECODER.decode(text.decode())
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from None


def _check_encoding(text: Bytes) -> None:
    """Look for what is not UTF-8, also in the fields that msgspec skips. Raises: Malformed."""
    if text.isascii():
        return
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(text), _PIECE):
            decoder.decode(text[start : start + _PIECE], final=start + _PIECE >= len(text))
    except UnicodeDecodeError as error:
        raise Malformed(f"it is not JSON: {error}") from None


def _check_depth(text: Bytes, view: Struct) -> None:
    """Refuse what is nested too deeply; a level needs a bracket, and most texts have few. Raises: Malformed."""
    known = sum(len(member) for member in msgspec.structs.astuple(view) if isinstance(member, list))
    if text.count(b"{") + text.count(b"[") - known > _DEEPEST and _depth(text) > _DEEPEST:
        raise Malformed("it is nested too deeply")


def _depth(text: Bytes) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        first = token[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _in_our_words(complaint: str) -> str:
    """Turn msgspec's complaint into plexctl's: `id in items[3] is not a string`, `the answer has no id`."""
    parts = _COMPLAINT.fullmatch(complaint)
    place = (parts["place"] or "$") if parts else "$"
    text = parts["complaint"] if parts else complaint
    missing = _MISSING.fullmatch(text)
    if missing:
        return f"{_whole(place)} has no {missing['name']}"
    expected = _EXPECTED.fullmatch(text)
    if expected is None:
        return f"{_whole(place)}: {text}"
    parent, dot, name = place.rpartition(".")
    is_member = bool(dot) and not name.endswith("]")
    if is_member and expected["found"] == "null":
        return f"{_whole(parent)} has no {name}"
    subject = f"{name} in {_whole(parent)}" if is_member else _whole(place)
    return f"{subject} is not {_TYPE_NAMES[expected['type']]}"


def _whole(place: str) -> str:
    return place.removeprefix("$").removeprefix(".") or "the answer"
