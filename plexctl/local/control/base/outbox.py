"""The outbox: promised events, each handled exactly once after the transaction that promised it, in their order."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from plexctl.local.control.base.events import Event
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.store import Row, StorageError

# Event type → its handler, which runs in the transaction that marks the row as delivered and gets the row's number.
Handlers = Mapping[type[Event], Callable[[Transaction, Any, int], None]]

_log = logging.getLogger("plexctl.local")


class Delivery(NamedTuple):
    """How many rows were delivered, and how long the next one must wait; None if no row waits."""

    delivered: int
    seconds_left: float | None


def deliver_due(control: Control, handlers: Handlers) -> Delivery:
    """Deliver every row that is due, oldest first; one that fails is logged and retried later.

    Raises: StoreError if the outbox cannot be read or written.
    """
    delivered = 0
    while (found := _survey(control)).due is not None:
        delivered += _deliver(control, handlers, found.due)
    return Delivery(delivered, found.seconds_left)


def waiting(tx: Transaction) -> int:
    """Count the rows not delivered yet."""
    ((count,),) = tx.execute("SELECT count(*) FROM outbox WHERE delivered_at IS NULL")
    return int(count)


class _Survey(NamedTuple):
    """The oldest row that is due, or else the shortest wait of a row that is not."""

    due: Row | None
    seconds_left: float | None


def _survey(control: Control) -> _Survey:
    waits = []
    with control.read(None) as tx:
        for row in tx.execute("SELECT * FROM outbox WHERE delivered_at IS NULL ORDER BY id"):
            if control.responses.is_held(row["id"]):
                continue
            left = control.schedule.seconds_left(row, tx.now)
            if left == 0:
                return _Survey(row, 0.0)
            waits.append(left)
    return _Survey(None, min(waits, default=None))


def _deliver(control: Control, handlers: Handlers, row: Row) -> bool:
    try:
        with control.write(None) as tx:
            delivered = _carry_out(tx, handlers, row)
    except StorageError:
        raise  # not this row's fault: the next would fail as well
    except Exception:  # noqa: BLE001  one row that fails, however it does, must not hold up the others
        _log.exception("outbox row %d (%s) failed and is retried later", row["id"], row["kind"])
        control.schedule.postpone(row)
        return False
    control.schedule.forget(row)
    return delivered


def _carry_out(tx: Transaction, handlers: Handlers, row: Row) -> bool:
    """Mark the row as delivered and run its handler in one transaction; return False if it was delivered already."""
    marked = tx.execute("UPDATE outbox SET delivered_at = ? WHERE id = ? AND delivered_at IS NULL", (tx.now, row["id"]))
    if marked.rowcount == 0:
        return False
    by_kind = {event.kind: (event, handle) for event, handle in handlers.items()}
    event, handle = by_kind[row["kind"]]
    handle(tx, event(**json.loads(row["payload"])), row["id"])
    return True
