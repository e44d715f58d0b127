"""When outbox rows may be delivered: measured by a clock that cannot step back, and kept in memory.

A plane that starts again knows of no earlier failure, and tries at once every row for which no delay was asked.
"""

import time
from collections.abc import Callable

from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.store import Row

RETRY_DELAY_SECONDS = 5.0


class Schedule:
    """The waiting times of outbox rows; `monotonic` returns seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._delayed_until: dict[int, float] = {}
        self._retried_at: dict[int, float] = {}

    def seconds_left(self, row: Row, now: int) -> float:
        """Return how long a row must wait; 0 if it may be delivered. `now` is in Unix microseconds.

        A delay that was asked for is over by the wall clock or by the monotonic one, whichever is first, so that a wall
        clock that steps back prolongs no delay.
        """
        instant = self._monotonic()
        retry_left = self._retried_at.get(row["id"], instant) - instant
        return max(0.0, retry_left, self._delay_left(row, now, instant))

    def postpone(self, row: Row) -> None:
        """Hold back a row that failed until its retry."""
        self._retried_at[row["id"]] = self._monotonic() + RETRY_DELAY_SECONDS

    def forget(self, row: Row) -> None:
        """Drop what is known of a row that is delivered."""
        self._delayed_until.pop(row["id"], None)
        self._retried_at.pop(row["id"], None)

    def _delay_left(self, row: Row, now: int, instant: float) -> float:
        if row["due_at"] is None or row["due_at"] <= now:
            return 0.0
        asked_us: int = row["due_at"] - row["created_at"]
        left: float = min(row["due_at"] - now, asked_us) / MICROSECONDS_PER_SECOND
        until = self._delayed_until.setdefault(row["id"], instant + left)
        return min(left, until - instant)
