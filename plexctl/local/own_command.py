"""A command that has a plane of its own: the plane starts before it and is gone after it, however it ends."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plexctl.local import ephemeral, process
from plexctl.local.ending import ENDING
from plexctl.local.running import Launch, Running

# Variables that would lead the child to another plane, or to its own plane as somebody else.
_LEFT_OUT = ("PLEXSPHERE_PROFILE", "PLEXSPHERE_CA_", "PLEXSPHERE_CERT_", "PLEXSPHERE_KEY_", "PLEXSPHERE_SIGNER_")


@contextmanager
def plane(launch: Launch) -> Iterator[Running]:
    """Start a plane that ends with the block, or with this process if that is killed.

    Raises: PlaneError where it cannot be started or stopped.
    """
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb"):  # the plane ends when nobody has this end open
        with os.fdopen(reading, "rb"):
            running = process.start(launch, tether=reading)
        try:
            yield running
        finally:
            directory = Path(running.data_dir)
            if not process.stop(directory):
                ephemeral.remove(directory)  # the plane was killed


def run(command: Sequence[str], inherited: Mapping[str, str], variables: Mapping[str, str]) -> int:
    """Run a command and return its exit code, 128 and the number of the signal for one that a signal ended.

    Its environment is `inherited` without plexctl's settings for another plane, and `variables`. SIGINT, SIGTERM and
    SIGHUP are passed on to it.

    Raises: OSError where it cannot be started.
    """
    kept = {name: value for name, value in inherited.items() if not name.startswith(_LEFT_OUT)}
    with _signals_passed_on() as recipient:
        child = subprocess.Popen(command, env=kept | dict(variables))
        recipient.give(child)
        code = child.wait()
    return code if code >= 0 else 128 - code


@dataclass
class _Recipient:
    """The child that gets this process's signals, those too that came before there was a child."""

    child: "subprocess.Popen[bytes] | None" = None
    early: list[int] = field(default_factory=list)
    interrupts: int = 0

    def give(self, child: "subprocess.Popen[bytes]") -> None:
        self.child = child
        for number in self.early:
            child.send_signal(number)

    def receive(self, number: int) -> None:
        self.interrupts += number == signal.SIGINT
        if number == signal.SIGINT and self.interrupts == 1 and _is_in_foreground():
            return  # the terminal has sent it to the child as well
        if self.child is None:
            self.early.append(number)
        else:
            self.child.send_signal(number)


@contextmanager
def _signals_passed_on() -> Iterator[_Recipient]:
    recipient = _Recipient()
    taken = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    handlers = {number: signal.signal(number, lambda number, _: recipient.receive(number)) for number in taken}
    try:
        yield recipient
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _is_in_foreground() -> bool:
    """Tell whether a Ctrl-C at this process's terminal reaches this process."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
