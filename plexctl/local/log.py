"""The plane's log: one JSON object per line."""

import json
import logging
from datetime import UTC, datetime
from typing import TextIO


class JsonFormatter(logging.Formatter):
    """Writes time, level, message, the fields given as `extra={"fields": {...}}`, and a traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line of JSON."""
        instant = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": instant.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})


def start(stream: TextIO) -> None:
    """Write what the plane and its HTTP server have to say to the stream, in this process, from now on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    for name, level in (("plexctl.local", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
