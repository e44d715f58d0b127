"""Who waits for events to be delivered."""

import threading
from collections.abc import Callable


class Listeners:
    """Functions that are called, in the thread that delivers, once events have been delivered."""

    def __init__(self) -> None:
        self.is_closed = False
        self._lock = threading.Lock()
        self._waiting: set[Callable[[], None]] = set()

    def add(self, listener: Callable[[], None]) -> None:
        """Have a function called from now on; it must return at once."""
        with self._lock:
            self._waiting.add(listener)

    def remove(self, listener: Callable[[], None]) -> None:
        """Have a function called no more."""
        with self._lock:
            self._waiting.discard(listener)

    def notify(self) -> None:
        """Call every function."""
        with self._lock:
            waiting = tuple(self._waiting)
        for listener in waiting:
            listener()

    def close(self) -> None:
        """Let those who wait know that the plane stops."""
        self.is_closed = True
        self.notify()
