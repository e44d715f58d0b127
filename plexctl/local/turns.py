"""Turns: one thread at a time, in the order in which they asked."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that goes to the thread that has waited longest, so that none waits forever while others come and go."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def take(self, seconds: float) -> Iterator[None]:
        """Wait for a turn, which lasts as long as the context.

        Raises: TimeoutError if none has come after so many seconds.
        """
        if not self._acquire(seconds):
            raise TimeoutError
        try:
            yield
        finally:
            self._release()

    def _acquire(self, seconds: float) -> bool:
        called = threading.Event()
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            self._waiting.append(called)
        if called.wait(seconds):
            return True
        with self._guard:
            if called.is_set():  # called at the last moment
                return True
            self._waiting.remove(called)
            return False

    def _release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
