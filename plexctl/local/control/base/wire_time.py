"""Conversion of instants: Unix microseconds inside the plane, RFC 3339 in UTC with microseconds in documents."""

import re
from datetime import UTC, datetime, timedelta

MICROSECONDS_PER_SECOND = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def to_wire(microseconds: int) -> str:
    """Write Unix microseconds as an RFC 3339 date-time."""
    instant = _EPOCH + timedelta(microseconds=microseconds)
    return instant.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def from_wire(text: str) -> int:
    """Read an RFC 3339 date-time and return Unix microseconds, rounded down.

    Raises: ValueError.
    """
    if not _RFC_3339.fullmatch(text):
        raise ValueError("is not an RFC 3339 date-time such as 2026-04-27T10:15:30Z")
    return (datetime.fromisoformat(text.upper()) - _EPOCH) // timedelta(microseconds=1)
