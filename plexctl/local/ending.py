"""The signals that end a plane, collected so that the main thread can wait for them, for work, and for a time."""

import contextlib
import os
import select
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_DONE = 0  # the byte that says that work is done; no signal has this number

T = TypeVar("T")


class Interrupted(Exception):  # noqa: N818  no error: a signal ended the plane before it served
    """A signal came before the work was done; the work goes on in a thread that the process does not wait for."""

    def __init__(self, number: int) -> None:
        super().__init__(f"interrupted by signal {number}")
        self.number = number


class Signals:
    """A context, for the main thread, in which each of the signals ends a wait.

    After the first one a further SIGINT ends the process at once. A further SIGTERM does not, since two may stop one
    plane at the same time. A signal that the process was started to ignore, as with nohup, stays ignored. The end of
    the pipe `tether`, if there is one, counts as SIGTERM.
    """

    def __init__(self, tether: int | None = None) -> None:
        self._tether = [] if tether is None else [tether]

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        taken = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
        self._handlers = {number: signal.signal(number, lambda *_: None) for number in taken}
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._reader)  # the other end stays open, since work that was given up still writes to it

    def wait(self, seconds: float | None) -> int | None:
        """Wait for a signal and return its number, or None when the time is up."""
        ready = select.select([self._reader, *self._tether], [], [], seconds)[0]
        if self._reader not in ready:
            return signal.SIGTERM if ready else None
        number = os.read(self._reader, 1)[0]
        if number != _DONE and signal.SIGINT in self._handlers:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        return number

    def run(self, work: Callable[[], T]) -> T:
        """Do work that may block, in a thread of its own, and return what it returns.

        Raises: Interrupted where a signal comes first; BaseException where the work raises it.
        """
        results: list[T] = []
        errors: list[BaseException] = []

        def do() -> None:
            try:
                results.append(work())
            except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
                errors.append(error)
            with contextlib.suppress(BrokenPipeError):  # nobody waits any more
                os.write(self._writer, bytes([_DONE]))

        threading.Thread(target=do, name="start", daemon=True).start()
        number = self.wait(None)
        if number:
            raise Interrupted(number)
        if errors:
            raise errors[0]
        return results[0]
