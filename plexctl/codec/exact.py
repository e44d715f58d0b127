"""Python's own decoder: slower than msgspec, but it accepts lone surrogates and numbers of any length."""

import json
import re

from plexctl.payload import Number

# An escape for a surrogate (half of a character beyond the basic plane); msgspec refuses one without its other half.
SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


EXACT_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse)
