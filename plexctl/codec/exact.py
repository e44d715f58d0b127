"""Python's own decoder: slower than msgspec, it takes half a character and numbers of any length."""

import json
import re
from typing import Any

from plexctl.payload import Number

_MOST_DIGITS = 4_300  # Python's own limit for an integer
_HALF = re.compile("[\ud800-\udfff]")

# An escape for one half of a character beyond the basic plane; msgspec refuses it where the other half is missing.
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _integer(digits: str) -> int | Number:
    return int(digits) if len(digits) < _MOST_DIGITS else Number(digits)


def _whole_names(members: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in members if not _HALF.search(name)}


EXACT_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse)

# For a message's fields: numbers are Python's own, and a member whose name holds half a character is left out,
# since no message declares one, and msgspec takes none.
FIELDS_DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=_refuse, object_pairs_hook=_whole_names)
