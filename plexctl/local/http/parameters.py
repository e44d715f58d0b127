"""The parameters of queries and paths: each one's schema, and of a query's its reader and refusals."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from plexctl import grammar
from plexctl.local.control.base import reasons
from plexctl.local.control.base.limits import DEFAULT_PAGE_ITEMS, PAGE_ITEMS, REPORT_KEY
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal

_NUMBER = re.compile(r"[0-9]{1,9}")


# The words of a path that are not ids; the rule that takes one also checks it.
_PATH_WORDS: Mapping[str, Mapping[str, Any]] = {"key": {"type": "string", "pattern": f"^{REPORT_KEY}$"}}


class Parameter(NamedTuple):
    """One query parameter.

    `parse` turns the text into the rule's value, or raises ValueError with the rest of the sentence "limit 'x' …",
    which becomes a refusal with the first of `refusals`; the rule itself may refuse with the others.
    """

    name: str
    schema: Mapping[str, Any]
    parse: Callable[[str], Any]
    refusals: tuple[Reason, ...]
    default: Any = None


def is_id(name: str) -> bool:
    """Tell whether a parameter of a path is an id."""
    return name not in _PATH_WORDS


def path_schema(name: str) -> Mapping[str, Any]:
    """Return the schema of a parameter of a path."""
    return _PATH_WORDS.get(name, {"type": "string", "format": "uuid"})


def read(parameters: tuple[Parameter, ...], query: Mapping[str, str]) -> dict[str, Any]:
    """Return each parameter's value by its name, the default where the query leaves it out.

    Raises: Refusal with the parameter's own reason.
    """
    return {parameter.name: _value(parameter, query.get(parameter.name)) for parameter in parameters}


def _value(parameter: Parameter, text: str | None) -> Any:  # noqa: ANN401  each parameter has a type of its own
    if text is None:
        return parameter.default
    try:
        return parameter.parse(text)
    except ValueError as error:
        raise Refusal(parameter.refusals[0], f"{parameter.name} {text!r} {error}") from None


def _items(text: str) -> int:
    number = int(text) if _NUMBER.fullmatch(text) else -1
    if not PAGE_ITEMS.least <= number <= PAGE_ITEMS.most:
        raise ValueError(f"is not an integer from {PAGE_ITEMS.least} to {PAGE_ITEMS.most}")
    return number


def _id(text: str) -> str:
    identifier = grammar.uuid(text)
    if identifier == grammar.NIL_UUID:
        raise ValueError("is the nil UUID")
    return identifier


def _scope(text: str) -> str:
    if text != "platform":
        raise ValueError("is not platform")
    return text


LIMIT = Parameter(
    "limit",
    {
        "type": "integer",
        "minimum": PAGE_ITEMS.least,
        "maximum": PAGE_ITEMS.most,
        "default": DEFAULT_PAGE_ITEMS,
    },
    _items,
    refusals=(reasons.INVALID_LIMIT,),
    default=DEFAULT_PAGE_ITEMS,
)
CURSOR = Parameter(
    "cursor", {"type": "string"}, str, refusals=(reasons.INVALID_CURSOR, reasons.CURSOR_BINDING_MISMATCH)
)
DOMAIN_FILTER = Parameter(
    "domain_id", {"type": "string", "format": "uuid"}, _id, refusals=(reasons.INVALID_DOMAIN_FILTER,), default=""
)
LAST_EVENT_ID = Parameter(
    "Last-Event-ID", {"type": "string", "pattern": "^[0-9]{0,18}$"}, str, refusals=(reasons.INVALID_LAST_EVENT_ID,)
)
SCOPE = Parameter(
    "scope", {"type": "string", "enum": ["platform"]}, _scope, refusals=(reasons.INVALID_SCOPE,), default=""
)
PAGE = (LIMIT, CURSOR)
