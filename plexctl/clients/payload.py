"""A server's JSON, read so that it can be written again."""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from plexctl.wire import Malformed

_DEEPEST = 100
_CONTAINERS = (dict, list)


def parse(body: bytes) -> object:
    """Read a JSON text (RFC 8259) of finite numbers, no deeper than its writers can follow. Raises Malformed."""
    if not body:
        raise Malformed("it is empty")
    try:
        document = json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from None
    if _is_deeper_than(_DEEPEST, document):
        raise Malformed("it is nested too deeply")
    return document


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"{number} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("it holds a number beyond the range of floating point")
    return number


def _is_deeper_than(levels: int, document: object) -> bool:
    """Go down level by level: a recursion would meet the very limit that this is about."""
    level: list[Any] = [[document]]
    for _ in range(levels + 1):
        level = [member for value in level for member in _members(value) if isinstance(member, _CONTAINERS)]
    return bool(level)


def _members(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value
