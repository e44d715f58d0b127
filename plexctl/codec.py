"""JSON as bytes: decoded into a message, taken apart into pieces, indented again. The one import of msgspec."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from plexctl.payload import Bytes, Number

_UNUSED = "typing_extensions"  # msgspec asks for it and does without it; importing it would double the cost
_kept = sys.modules.get(_UNUSED)
sys.modules[_UNUSED] = None  # type: ignore[assignment]  # how Python marks a module as barred
try:
    import msgspec
finally:
    del sys.modules[_UNUSED]
    if _kept is not None:
        sys.modules[_UNUSED] = _kept

Raw = msgspec.Raw
Struct = msgspec.Struct
Message = TypeVar("Message", bound=msgspec.Struct)

_DEEPEST = 100  # levels; what indents or shows a document recurses into it
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_PIECE = 1 << 20  # bytes

# A number that a float or an int would write differently, or half a character: for these the slow decoder is asked.
_NEGATIVE_ZERO = re.compile(rb"-0(?![\w.-])")
_GUISE = b"\x7f"
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u(?P<half>[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")

_NOT_BLANK = re.compile(r"[^ \t\n\r]")
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
    check_encoding(text)
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
    if not _HALF_CHARACTER.search(text):
        raise Malformed(f"it is not JSON: {error}") from None
    try:
        converted: Message = msgspec.convert(_python_value(text), message)
    except msgspec.ValidationError as complaint:
        raise Malformed(_in_our_words(str(complaint))) from None
    return converted


def _python_value(text: Bytes) -> Any:  # noqa: ANN401  whatever JSON holds
    try:
        return _SLOW_DECODER.decode(text.decode())
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


_SLOW_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse)
_FAST_DECODER = msgspec.json.Decoder(float_hook=Number)


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
    return _SLOW_DECODER.decode(bytes(text).decode())


def members(text: Bytes | Raw) -> dict[str, Raw]:
    """Take an object that has been checked apart. Of a name given twice the last value counts."""
    return _MEMBERS.decode(text)


def items(text: Bytes | Raw) -> list[Raw]:
    """Take a list that has been checked apart."""
    return _ITEMS.decode(text)


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
        name, end = _SLOW_DECODER.raw_decode(text, start)
        start = _next(text, _next(text, end) + 1)  # past the colon
        _, end = _SLOW_DECODER.raw_decode(text, start)
        yield name, text[start:end].encode()
        start = _next(text, end)
        if text[start] == ",":
            start = _next(text, start + 1)


def _next(text: str, start: int) -> int:
    """Find the first character from `start` on that is not a blank; in a whole object there is one."""
    found = _NOT_BLANK.search(text, start)
    return found.start() if found else len(text)


def indent(text: Bytes) -> bytes:
    """Indent a text that has been checked by two spaces per level; names and values stay as they were written."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:  # half a character: its escape passes in the guise of another
        disguised = _ESCAPE.sub(_disguise, bytes(text).replace(_GUISE, b"\\u007f"))
        return msgspec.json.format(disguised, indent=2).replace(_GUISE, b"\\u")


def _disguise(escape: re.Match[bytes]) -> bytes:
    return _GUISE + escape["half"] if escape["half"] else escape[0]


def check_encoding(text: Bytes) -> None:
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
