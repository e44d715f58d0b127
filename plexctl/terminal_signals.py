r"""Ctrl-Z and Ctrl-\ where the terminal is drawn on: it is left first, then the signal does what it always does."""

import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_SIGNALS = (signal.SIGTSTP, signal.SIGQUIT)


class TerminalSignals:
    """Calls `leave` before one of the signals stops or ends this process, and `come_back` when the process goes on.

    `leave` returns whether there is something to come back to. Nothing exits here: the signal's own action follows.
    """

    def __init__(self, leave: Callable[[], bool], come_back: Callable[[], None]) -> None:
        self._leave = leave
        self._come_back = come_back
        self._kept = {number: signal.getsignal(number) for number in _SIGNALS}
        self._pending: list[int] = []
        self._is_held = False

    def start(self) -> None:
        """Answer the signals; one that is ignored from the start stays so, as with `trap "" TSTP`."""
        for number, handler in self._kept.items():
            if handler != signal.SIG_IGN:
                signal.signal(number, self._receive)

    def stop(self) -> None:
        """Leave the signals to what answered them before."""
        for number, handler in self._kept.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Answer signals only afterwards, so that none of them interrupts what is written to the terminal."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            self._answer()

    def _receive(self, number: int, _: FrameType | None) -> None:
        self._pending.append(number)
        self._answer()

    def _answer(self) -> None:
        while self._pending and not self._is_held:
            with self.held():
                self._act(self._pending.pop(0))

    def _act(self, number: int) -> None:
        """Leave the terminal and let the signal act; come back where the process goes on after that."""
        handler = signal.getsignal(number)
        was_there = self._leave()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)  # SIGQUIT ends the process here; SIGTSTP stops it until SIGCONT
        signal.signal(number, handler)
        if was_there:
            _wait_for_foreground()
            self._come_back()


def _wait_for_foreground() -> None:
    """Stop again while the shell has this process go on in the background, where it must not draw."""
    with suppress(termios.error):  # there is no shell any more
        termios.tcdrain(sys.stdout.fileno())  # the system stops a process that calls this in the background
