"""A shell on a pseudo-terminal, in which a test types and presses keys."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from tests.waiting import PATIENCE_SECONDS

# A shell that reads keys wants the terminal to be its own.
ON_ITS_TERMINAL = [sys.executable, "-c", "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"]


class Interactive:
    """A shell that is started with a command; `seen` is all that it has shown."""

    def __init__(self, command: list[str], environment: dict[str, str], directory: Path) -> None:
        self._leader, follower = pty.openpty()
        self._process = subprocess.Popen(
            [*ON_ITS_TERMINAL, *command], env=environment | {"TERM": "dumb"}, cwd=directory,
            stdin=follower, stdout=follower, stderr=follower,
        )  # fmt: skip
        os.close(follower)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._leader)

    def type(self, text: str) -> None:
        os.write(self._leader, text.encode())

    def until(self, text: str) -> str:
        """Read until the shell has shown a text since the last call, and return what it has shown."""
        deadline, found = time.monotonic() + PATIENCE_SECONDS, ""
        while text not in found:
            assert time.monotonic() < deadline, f"no {text!r} in {found!r}"
            if select.select([self._leader], [], [], 0.1)[0]:
                found += os.read(self._leader, 65536).decode("utf-8", "replace")
        self.seen += found
        return found
