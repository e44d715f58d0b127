"""Looking again and again: with growing pauses until nothing is missing, or at a steady pace."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from plexctl.clients.deadline import Deadline
from plexctl.failures import Failure, Kind

if TYPE_CHECKING:
    from plexctl.invocation import Invocation

T = TypeVar("T")

LONGEST_PAUSE_SECONDS = 3600.0  # whatever Retry-After says
_FIRST_PAUSE_SECONDS, _GROWTH, _SLOWEST_SECONDS = 0.2, 1.6, 5.0
_LEAST_SECONDS = 0.1


def pause(seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Wait, in short pieces, since Python handles a signal that arrives just before a wait only after it.

    `meanwhile` is called before each piece.
    """
    end = time.monotonic() + min(seconds, LONGEST_PAUSE_SECONDS)
    while (left := end - time.monotonic()) > 0:
        meanwhile()
        time.sleep(min(left, _LEAST_SECONDS))


class _Look(NamedTuple):
    """What the last look that succeeded missed, and why a later one has failed."""

    missing: str = ""
    failure: Failure | None = None

    def after(self, failure: Failure, limit: Deadline) -> "_Look":
        """Return what is known after a look that failed; one that the end has cut off says nothing.

        Raises: Failure where no further look would succeed.
        """
        if not failure.is_transient:
            raise failure
        return self._replace(failure=failure) if limit.remaining() or not self.missing else self

    @property
    def least_seconds(self) -> float:
        """How long the server wants the next look to wait."""
        return (self.failure and self.failure.retry_after_seconds) or 0.0

    def timed_out(self, limit: Deadline) -> Failure:
        """Make the failure of a wait that is over."""
        known = self.missing or "no response was received"
        last = f"; the last attempt failed: {self.failure.summary}" if self.failure else ""
        return Failure(Kind.TIMEOUT, "Wait Timed Out", f"after {limit} (--within), {known}{last}")


def wait_until(run: "Invocation", look: Callable[[], T], missing: Callable[[T], str], within_seconds: float) -> T:
    """Call `look` until `missing` returns an empty text for its result, and return that result.

    A transient failure, such as during a restart of the server, does not end the wait.

    Raises: Failure(timeout) where something is still missing in the end; Failure, another one of a look.
    """
    run.limit = limit = Deadline(within_seconds)
    last = _Look()
    for pause_seconds in _pauses():
        try:
            seen = look()
            last = _Look(missing(seen))
        except Failure as failure:
            last = last.after(failure, limit)
        else:
            if not last.missing:
                run.limit = run.deadline = None  # what has been seen may take its time to be shown
                return seen
        wait_seconds = max(last.least_seconds, min(pause_seconds, limit.remaining() / 2), _LEAST_SECONDS)
        if not limit.allows(wait_seconds + _LEAST_SECONDS):
            break
        why = last.failure.summary if last.failure else last.missing
        run.progress(run.in_one_line(f"waiting, {limit.remaining():.0f}s left: {why}"))
        pause(wait_seconds)
    raise last.timed_out(limit)


def _pauses() -> Iterator[float]:
    """Yield the pauses between looks, which grow up to five seconds and are the same each time."""
    seconds = _FIRST_PAUSE_SECONDS
    while True:
        yield seconds
        seconds = min(seconds * _GROWTH, _SLOWEST_SECONDS)
