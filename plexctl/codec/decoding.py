"""Decoding JSON into a message, with a check of every field that the message declares."""

import re
from functools import cache
from typing import Any, TypeVar

from plexctl.codec.exact import FIELDS_DECODER, SURROGATE_ESCAPE
from plexctl.codec.library import msgspec
from plexctl.payload import Bytes

Struct = msgspec.Struct
Message = TypeVar("Message", bound=msgspec.Struct)

_MOST_LEVELS = 100  # since the functions that indent and show a document are recursive
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_PIECE_BYTES = 1 << 20

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


class MalformedError(Exception):
    """A text is not JSON, or not of the shape expected; its message says where, and what is expected there."""


def decode(text: Bytes, message: type[Message]) -> Message:
    """Decode one JSON object (RFC 8259), and check every field that the message declares.

    Raises: MalformedError.
    """
    if not text:
        raise MalformedError("it is empty")
    _check_encoding(text)
    try:
        view: Message = _decoder(message).decode(text)
    except msgspec.ValidationError as error:
        raise MalformedError(_in_our_words(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        view = _decode_slowly(text, message, error)
    except RecursionError:
        raise MalformedError("it is nested too deeply") from None
    _check_depth(text, view)
    return view


@cache
def _decoder(message: type[Message]) -> "msgspec.json.Decoder[Message]":
    return msgspec.json.Decoder(message)


def _decode_slowly(text: Bytes, message: type[Message], error: Exception) -> Message:
    """Decode a text with a lone surrogate escape, which only Python's own decoder accepts; refuse any other text."""
    if not SURROGATE_ESCAPE.search(text):
        raise MalformedError(f"it is not JSON: {error}") from None
    try:
        converted: Message = msgspec.convert(_python_value(text), message)
    except msgspec.ValidationError as complaint:
        raise MalformedError(_in_our_words(str(complaint))) from None
    return converted


def _python_value(text: Bytes) -> Any:
    try:
        return FIELDS_DECODER.decode(text.decode())
    except RecursionError:
        raise MalformedError("it is nested too deeply") from None
    except ValueError as error:
        raise MalformedError(f"it is not JSON: {error}") from None


def _check_encoding(text: Bytes) -> None:
    """Check that the text is UTF-8, also in the fields that msgspec skips.

    Raises: MalformedError.
    """
    if text.isascii():
        return
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(text), _PIECE_BYTES):
            decoder.decode(text[start : start + _PIECE_BYTES], final=start + _PIECE_BYTES >= len(text))
    except UnicodeDecodeError as error:
        raise MalformedError(f"it is not JSON: {error}") from None


def _check_depth(text: Bytes, view: Struct) -> None:
    """Check that the text is not nested too deeply; counting its brackets is enough for most texts.

    Raises: MalformedError.
    """
    known = sum(len(member) for member in msgspec.structs.astuple(view) if isinstance(member, list))
    if text.count(b"{") + text.count(b"[") - known > _MOST_LEVELS and _depth(text) > _MOST_LEVELS:
        raise MalformedError("it is nested too deeply")


def _depth(text: Bytes) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        first = token[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _in_our_words(complaint: str) -> str:
    """Translate msgspec's message into plexctl's: `id in items[3] is not a string`, `the response has no id`."""
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
    return place.removeprefix("$").removeprefix(".") or "the response"
