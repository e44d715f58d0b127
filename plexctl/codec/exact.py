"""Python's own decoder: slower than msgspec, but it accepts lone surrogates and numbers of any length."""

import json
import re
from typing import Any

from plexctl.payload import Number

_MOST_DIGITS = 4_300  # Python's own limit for an integer
_SURROGATE = re.compile("[\ud800-\udfff]")

# An escape for a surrogate (half of a character beyond the basic plane); msgspec refuses one without its other half.
SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _integer(digits: str) -> int | Number:
    return int(digits) if len(digits) < _MOST_DIGITS else Number(digits)


def _whole_names(members: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in members if not _SURROGATE.search(name)}


EXACT_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse)

# For a message's fields: numbers are Python's own, and a member with a lone surrogate in its name is left out,
# since no message declares one, and msgspec accepts none.
FIELDS_DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=_refuse, object_pairs_hook=_whole_names)
