"""JSON → Python's own values, which can be computed with, and back: a number that was not computed keeps its digits."""

import json
import re
from typing import Any

from plexctl.codec.library import msgspec
from plexctl.payload import Bytes

Raw = msgspec.Raw

_MOST_DIGITS = 4_000  # well below the length from which Python refuses to write an integer
_NEGATIVE_ZERO = re.compile(rb"-0(?![\w.-])")  # Python's int cannot keep its sign


class _Float(float):
    """A number that knows how it was written."""

    __slots__ = ("digits",)
    digits: str


_Float.__name__ = "float"  # JMESPath's functions tell a number by the name of its class


def _float(digits: str) -> float:
    number = _Float(digits)
    number.digits = digits
    return number


def _integer(digits: str) -> float:
    return _float(digits) if digits == "-0" or len(digits) > _MOST_DIGITS else int(digits)


_FAST_DECODER = msgspec.json.Decoder(float_hook=_float)
_SLOW_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float)


def decoded(text: Bytes | Raw) -> Any:
    """Decode a checked text; if a name is given twice, the last value counts."""
    if not _NEGATIVE_ZERO.search(text):
        try:
            return _FAST_DECODER.decode(text)
        except msgspec.DecodeError:  # a lone surrogate escape, or an integer of thousands of digits
            pass
    return _SLOW_DECODER.decode(bytes(text).decode())


def encoded(value: Any) -> bytes:
    """Write a value as JSON, with the texts in it as they are; infinity, which JSON cannot express, is null."""
    try:
        return msgspec.json.encode(value, enc_hook=_digits)
    except (UnicodeEncodeError, OverflowError):  # a lone surrogate, or an integer of more than 64 bits
        return _written(value).encode()


def _digits(number: _Float) -> Raw:
    return Raw(number.digits.encode())


def _written(value: Any) -> str:
    match value:
        case dict():
            return f"{{{','.join(f'{json.dumps(name)}:{_written(member)}' for name, member in value.items())}}}"
        case list():
            return f"[{','.join(map(_written, value))}]"
        case _Float():
            return value.digits
        case Raw():
            return bytes(value).decode()
    return json.dumps(value)
