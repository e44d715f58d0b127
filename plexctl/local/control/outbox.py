"""Work promised in the transaction of the change that caused it, and carried out afterwards, once."""

import json
import sqlite3
from collections.abc import Mapping

from plexctl.local.control.context import Control


def append(
    connection: sqlite3.Connection, control: Control, kind: str, payload: Mapping[str, object], due_at: int
) -> None:
    """Promise one piece of work for `due_at` (Unix microseconds), in the caller's write transaction."""
    connection.execute(
        "INSERT INTO outbox (kind, payload, created_at, due_at) VALUES (?, ?, ?, ?)",
        (kind, json.dumps(payload), control.sources.now(), due_at),
    )
