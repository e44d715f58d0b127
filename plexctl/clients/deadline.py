"""One deadline per logical request: name resolution, connection, every attempt and its wait, the whole body."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from plexctl.grammar import spell_seconds

T = TypeVar("T")

# Python handles a signal that arrives just before a wait begins only after that wait.
_WAIT_SECONDS = 0.1
_LONG_SECONDS = 1.0  # after which a person wants to know that something is going on


class DeadlineExceededError(Exception):
    """The deadline passed before the work was done."""


class Deadline:
    """A point in time, `seconds` from now, by which all the work of a request must be done."""

    def __init__(self, seconds: float, waiting: Callable[[float], None] = lambda _: None) -> None:
        """Start now; `waiting` is called with the seconds gone by while somebody has waited for longer than one."""
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._waiting = waiting

    def __str__(self) -> str:
        return spell_seconds(self.seconds)

    def remaining(self) -> float:
        """Return how many seconds are left; 0 once the deadline has passed."""
        return max(0.0, self._end - time.monotonic())

    def allows(self, seconds: float) -> bool:
        """Return whether a wait of so many seconds ends before the deadline."""
        return seconds < self.remaining()

    def run(self, work: Callable[[], T]) -> T:
        """Run blocking work on a thread of its own, wait for it until the deadline, and return its result.

        A stalled resolver cannot be interrupted, and a server that sends one byte at a time never reaches a socket's
        timeout. This thread's wait ends on time and Ctrl-C interrupts it; the other thread ends with the process.

        Raises: DeadlineExceededError, also where the deadline passed before the work began; Exception, the work's own.
        """
        if not self.remaining():
            raise DeadlineExceededError
        outcome: queue.SimpleQueue[tuple[bool, T | BaseException]] = queue.SimpleQueue()

        def attempt() -> None:
            try:
                outcome.put((True, work()))
            except BaseException as error:  # noqa: BLE001  it is raised again on the waiting thread
                outcome.put((False, error))

        threading.Thread(target=attempt, daemon=True).start()
        done, result = self._wait_for(outcome)
        if done:
            return result  # type: ignore[return-value]  # the flag says that it is the result
        raise result  # type: ignore[misc]  # the flag says that it is an exception

    def pieces(self, work: Iterator[T]) -> Iterator[T]:
        """Do the work of an iterator until the deadline; the time that the caller takes over a piece does not count.

        Raises: DeadlineExceededError; Exception, the work's own.
        """
        end = object()
        while (piece := self.run(lambda: next(work, end))) is not end:
            handed_over = time.monotonic()
            yield piece  # type: ignore[misc]  # `end` has been ruled out
            self._end += time.monotonic() - handed_over

    def _wait_for(self, outcome: "queue.SimpleQueue[T]") -> T:
        while remaining := self.remaining():
            with contextlib.suppress(queue.Empty):
                return outcome.get(timeout=min(remaining, _WAIT_SECONDS))
            waited = self.seconds - self.remaining()
            if waited >= _LONG_SECONDS:
                self._waiting(waited)
        raise DeadlineExceededError
