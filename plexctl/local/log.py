"""The plane's log: one JSON object per line, in which no credential stands."""

import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from plexctl.local.masking import masked


class JsonFormatter(logging.Formatter):
    """Writes time, level, message, the fields given as `extra={"fields": {...}}`, and a traceback if there is one.

    Whatever has the form of a credential is masked, wherever it stands.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line of JSON."""
        line = {
            "time": _instant(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        known = {name: value for name, value in line.items() if value is not None}
        return json.dumps(_masked_within(known), default=str)


def start(handler: logging.Handler) -> None:
    """Have this process write whatever it has to say through the handler, from now on.

    That is the plane, its libraries, warnings, and exceptions that nobody catches.
    """
    handler.setFormatter(JsonFormatter())
    logging.raiseExceptions = False  # a line that cannot be written is lost, and no traceback takes its place
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("plexctl.local").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    threading.excepthook = lambda failed: _report("a thread failed", failed.exc_value)
    sys.unraisablehook = lambda failed: _report("an object could not be disposed of", failed.exc_value)


def _report(message: str, error: BaseException | None) -> None:
    logging.getLogger("plexctl.local").error(message, exc_info=error)


def _instant(seconds: float) -> str:
    """Write a Unix time as RFC 3339; a clock may show what no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def _masked_within(value: Any) -> Any:  # noqa: ANN401  whatever JSON can express
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {_masked_within(str(name)): _masked_within(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_masked_within(member) for member in value]
    return value
