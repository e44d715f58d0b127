"""One deadline for all of a logical request: name look-up, connection, every attempt and its wait, the whole body."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from plexctl.grammar import spell_seconds

T = TypeVar("T")

# A signal that comes just before a wait begins does not end it: Python would act on it only after the wait.
_WAIT_SECONDS = 0.1


class DeadlineExceeded(Exception):  # noqa: N818  the field's term, as in gRPC's DEADLINE_EXCEEDED
    """The deadline passed before the work was done."""


class Deadline:
    """A point in time, `seconds` from now, that all of a request's work must meet."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def __str__(self) -> str:
        return spell_seconds(self.seconds)

    def remaining(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def allows(self, seconds: float) -> bool:
        return seconds < self.remaining()

    def run(self, work: Callable[[], T]) -> T:
        """Do blocking work on a thread of its own and wait for it until the deadline.

        A stalled resolver cannot be interrupted and a dripping answer outlives every timeout of a socket, but this
        thread's wait ends on time and gives way to Ctrl-C at once; the other thread is left to end with the process.
        Raises DeadlineExceeded, also where the deadline has passed before the work began, or whatever the work raised.
        """
        if not self.remaining():
            raise DeadlineExceeded
        outcome: queue.SimpleQueue[tuple[bool, T | BaseException]] = queue.SimpleQueue()

        def attempt() -> None:
            try:
                outcome.put((True, work()))
            except BaseException as error:  # noqa: BLE001  it is raised again on the waiting thread
                outcome.put((False, error))

        threading.Thread(target=attempt, daemon=True).start()
        done, result = self._wait_for(outcome)
        if done:
            return result  # type: ignore[return-value]  # the flag tells the two apart
        raise result  # type: ignore[misc]  # as above

    def pieces(self, work: Iterator[T]) -> Iterator[T]:
        """Do the work of an iterator until the deadline; the time that the caller takes over a piece does not count.

        Raises: DeadlineExceeded; whatever the work raises.
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
        raise DeadlineExceeded
