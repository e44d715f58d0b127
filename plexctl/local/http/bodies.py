"""Request bodies: what an operation takes, and the parsing of strict JSON and of forms."""

import json
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from plexctl.local.control.base import reasons
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal

KIBIBYTE = 1024
_MOST_FIELDS = 10  # of a form
_INTEGER_LENGTH = 19  # a sign and 18 digits always fit 64 bits


class BodyRule(NamedTuple):
    """The body that an operation takes: its schema, its size in bytes, its refusals of a body, and its media type."""

    schema: str
    max_bytes: int = 8 * KIBIBYTE
    too_large: Reason = reasons.REQUEST_BODY_TOO_LARGE
    malformed: Reason = reasons.INVALID_BODY
    media_type: str = "application/json"


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


def parse_form(body: bytes, rule: BodyRule) -> dict[str, str]:
    """Parse the fields of an HTML form, each of which may be there once.

    Raises: Refusal with the rule's own reasons.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refusal(rule.malformed, "the request body is not a form that this page has") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise Refusal(rule.malformed, "the form has the same field twice")
    return form


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
