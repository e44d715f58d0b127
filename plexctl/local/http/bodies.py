"""Request bodies: what an operation takes, and the parsing of strict JSON."""

import json
from typing import Any, NamedTuple

from plexctl.local.control.base import reasons
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal

KIBIBYTE = 1024
_INTEGER_LENGTH = 19  # a sign and 18 digits always fit 64 bits


class BodyRule(NamedTuple):
    """The body that an operation takes: its schema, its size in bytes, and its refusals of a body."""

    schema: str
    max_bytes: int = 8 * KIBIBYTE
    too_large: Reason = reasons.REQUEST_BODY_TOO_LARGE
    malformed: Reason = reasons.INVALID_BODY


def parse(body: bytes, rule: BodyRule) -> dict[str, Any]:
    """Parse one JSON object (RFC 8259) that every parser reads alike.

    Refuses, besides what is not JSON: a name given twice, numbers beyond 64 bits or a double, NaN, nesting too deep to
    parse, and unpaired surrogates, which UTF-8 cannot encode.

    Raises: Refusal with the rule's own reasons.
    """
    try:
        document = _DECODER.decode(body.decode())
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(rule.malformed, f"the request body is not acceptable JSON: {_reason(error)}") from None
    if not isinstance(document, dict):
        raise Refusal(rule.malformed, "the request body is not a JSON object")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object has the same name twice")
    return members


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def _integer(digits: str) -> int:
    if len(digits) > _INTEGER_LENGTH:
        raise ValueError("an integer is longer than 18 digits")
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)


def _reason(error: Exception) -> str:
    """Describe the error without quoting the body, which may contain a credential."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno} column {error.colno}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    return str(error)
