"""Lines of a plane's log, for their readers: from a time on, and readable by people."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_FIRST = ("time", "level", "message")


def since(lines: Iterable[str], start: datetime) -> Iterator[str]:
    """Yield the lines from a time on; a line without a time belongs to the one before it."""
    earliest, is_shown = start.astimezone(UTC), False
    for line in lines:
        time = _time_of(line)
        is_shown = is_shown if time is None else time >= earliest
        if is_shown:
            yield line


def as_object(line: str) -> dict[str, Any]:
    """Decode one line; a line that is no JSON object, such as one of a traceback, becomes a message."""
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"message": line.rstrip("\n")}


def readable(line: str) -> str:
    """Write one line as `<time> <LEVEL> <message> <name>=<value> …`; of a traceback, its last line."""
    entry = as_object(line)
    first = [str(entry[name]).upper() if name == "level" else str(entry[name]) for name in _FIRST if name in entry]
    rest = [f"{name}={_short(name, value)}" for name, value in entry.items() if name not in _FIRST]
    return " ".join([*first, *rest])


def _short(name: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if name == "traceback":
        text = text.rstrip().rpartition("\n")[2]
    return json.dumps(text, ensure_ascii=False) if not text or " " in text else text


def _time_of(line: str) -> datetime | None:
    entry: Mapping[str, Any] = as_object(line)
    try:
        return datetime.fromisoformat(entry["time"])
    except (KeyError, TypeError, ValueError):
        return None
