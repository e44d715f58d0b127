"""A child of plexctl with its stdout, its stderr or both on a pseudo-terminal, the rest in pipes."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.command import CHILD, Command, arguments
from tests.waiting import PATIENCE_SECONDS


class Shown(NamedTuple):
    terminal: str
    pipes: str


class Terminal:
    """Called with a command line, the streams that are on the terminal, and the exit code that is expected."""

    def __init__(self, plexctl: Command) -> None:
        self._plexctl = plexctl

    def __call__(
        self,
        line: str,
        *,
        on: str,
        code: int = 0,
        columns: int = 0,
        directory: Path | None = None,
        watch: Callable[[str], object] = lambda _: None,
        **environment: str,
    ) -> Shown:
        """Return what the terminal showed and what went into the pipes; `columns` wins over COLUMNS.

        `watch` is called with all that was shown so far, whenever there is more.
        """
        variables = {"TERM": "xterm"} | self._plexctl.environment | environment
        leader, follower = pty.openpty()
        if columns:
            del variables["COLUMNS"]
            fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        stdout, stderr = (follower if name in on else subprocess.PIPE for name in ("stdout", "stderr"))
        command = [*CHILD, *arguments(line)]
        child = subprocess.Popen(command, env=variables, cwd=directory, stdout=stdout, stderr=stderr)
        os.close(follower)
        written = b""
        while piece := read_terminal(leader):
            written += piece
            watch(written.decode(errors="replace"))
        showed = written.decode().replace("\r\n", "\n")
        os.close(leader)
        piped = "".join(stream.decode() for stream in child.communicate(timeout=PATIENCE_SECONDS) if stream)
        assert child.returncode == code, showed + piped
        return Shown(showed, piped)


def read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that nobody holds the other end any more
        return b""
