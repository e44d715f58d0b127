"""The outbox: promised events, each handled exactly once after the transaction that promised it."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from plexctl.local.control.base.events import Event
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.store import Row

# Event type → its handler, which runs in the transaction that marks the row as delivered and gets the row's number.
Handlers = Mapping[type[Event], Callable[[Transaction, Any, int], None]]

RETRY_DELAY_US = 5 * MICROSECONDS_PER_SECOND

_log = logging.getLogger("plexctl.local")


def deliver_due(control: Control, handlers: Handlers) -> int:
    """Carry out every row that is due, oldest first, and return how many; one that fails is logged and put off."""
    delivered = 0
    while (row := _next(control)) is not None and row["due_at"] <= control.clock():
        delivered += _deliver(control, handlers, row)
    return delivered


def next_due(control: Control) -> int | None:
    """Return when the next row is due, in Unix microseconds, or None when nothing is promised."""
    row = _next(control)
    return None if row is None else int(row["due_at"])


def waiting(tx: Transaction) -> int:
    """Count the rows not delivered yet."""
    ((count,),) = tx.execute("SELECT count(*) FROM outbox WHERE delivered_at IS NULL")
    return int(count)


def _next(control: Control) -> Row | None:
    with control.read(None) as tx:
        rows = tx.execute("SELECT * FROM outbox WHERE delivered_at IS NULL ORDER BY due_at, id")
        return next((row for row in rows if not control.responses.is_held(row["id"])), None)


def _deliver(control: Control, handlers: Handlers, row: Row) -> bool:
    try:
        with control.write(None) as tx:
            return _carry_out(tx, handlers, row)
    except Exception:  # noqa: BLE001  one row that fails, however it does, must not hold up the others
        _log.exception("outbox row %d (%s) failed and is put off", row["id"], row["kind"])
    with control.write(None) as tx:
        tx.execute("UPDATE outbox SET due_at = ? WHERE id = ?", (tx.now + RETRY_DELAY_US, row["id"]))
    return False


def _carry_out(tx: Transaction, handlers: Handlers, row: Row) -> bool:
    """Mark the row as delivered and run its handler in one transaction; return False if it was delivered already."""
    marked = tx.execute("UPDATE outbox SET delivered_at = ? WHERE id = ? AND delivered_at IS NULL", (tx.now, row["id"]))
    if marked.rowcount == 0:
        return False
    by_kind = {event.kind: (event, handle) for event, handle in handlers.items()}
    event, handle = by_kind[row["kind"]]
    handle(tx, event(**json.loads(row["payload"])), row["id"])
    return True
