"""The clock of plexctl's waits, in which time passes only while it waits; a test has things happen meanwhile."""

from collections.abc import Callable, Sequence

import pytest


class Waits:
    """Replaces the clock; `asked` has the pauses between looks, in seconds.

    Each of the `events` happens in one pause, in their order; the last one may raise.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.asked: list[float] = []
        self._events: list[Callable[[], object]] = []
        for module in ("plexctl.polling", "plexctl.clients.deadline", "plexctl.clients.transport"):
            monkeypatch.setattr(f"{module}.time", self)
        monkeypatch.setattr("plexctl.polling.pause", self._pause)
        monkeypatch.setattr("plexctl.watching.pause", self._pause)

    def play(self, *events: Callable[[], object]) -> None:
        self._events = list(events)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def monotonic(self) -> float:
        return self.seconds

    def _pause(self, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        meanwhile()
        self.asked.append(round(seconds, 3))
        self.seconds += seconds
        if self._events:
            self._events.pop(0)()


def interrupt() -> None:
    raise KeyboardInterrupt


def nothing() -> None:
    """Let one more look see the same."""


def rising(pauses: Sequence[float]) -> bool:
    return list(pauses) == sorted(pauses)
