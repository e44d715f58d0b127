"""Work promised in the transaction of the change that caused it, and carried out afterwards, exactly once."""

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping

from plexctl.local.control.base.transaction import MICROSECONDS, Control

# What is done for a row of each kind, in the transaction that marks the row as delivered.
Handlers = Mapping[str, Callable[[sqlite3.Connection, Control, sqlite3.Row], None]]

RETRY_DELAY = 5 * MICROSECONDS

_log = logging.getLogger("plexctl.local")


def append(
    connection: sqlite3.Connection, control: Control, kind: str, payload: Mapping[str, object], due_at: int
) -> None:
    """Promise one piece of work for `due_at` (Unix microseconds), in the caller's write transaction.

    It is done no sooner than the caller's request, if there is one, is answered.
    """
    row = connection.execute(
        "INSERT INTO outbox (kind, payload, created_at, due_at) VALUES (?, ?, ?, ?)",
        (kind, json.dumps(payload), control.sources.now(), due_at),
    ).lastrowid
    if control.hold is not None and row is not None:
        control.hold.rows.add(row)


def deliver_due(control: Control, handlers: Handlers) -> int:
    """Carry out every row that is due, oldest first, and return how many; one that fails is logged and put off."""
    delivered = 0
    while (row := _next(control)) is not None and row["due_at"] <= control.sources.now():
        delivered += _deliver(control, handlers, row)
    return delivered


def next_due(control: Control) -> int | None:
    """Return when the next row is due, in Unix microseconds, or None when nothing is promised."""
    row = _next(control)
    return None if row is None else row["due_at"]


def _next(control: Control) -> sqlite3.Row | None:
    with control.store.read() as connection:
        rows = connection.execute("SELECT * FROM outbox WHERE delivered_at IS NULL ORDER BY due_at, id")
        return next((row for row in rows if not control.holds.cover(row["id"])), None)


def _deliver(control: Control, handlers: Handlers, row: sqlite3.Row) -> bool:
    try:
        with control.store.write() as connection:
            return _carry_out(connection, control, handlers, row)
    except Exception:  # noqa: BLE001  one row that fails, however it does, must not hold up the others
        _log.exception("outbox row %d (%s) failed and is put off", row["id"], row["kind"])
    with control.store.write() as connection:
        connection.execute(
            "UPDATE outbox SET due_at = ? WHERE id = ?", (control.sources.now() + RETRY_DELAY, row["id"])
        )
    return False


def _carry_out(connection: sqlite3.Connection, control: Control, handlers: Handlers, row: sqlite3.Row) -> bool:
    """Mark the row as delivered and do its work in one transaction; False if somebody else has been faster."""
    marked = connection.execute(
        "UPDATE outbox SET delivered_at = ? WHERE id = ? AND delivered_at IS NULL", (control.sources.now(), row["id"])
    )
    if marked.rowcount == 0:
        return False
    handlers[row["kind"]](connection, control, row)
    return True
