"""A bash session with a home of its own, in which the commands of a page are typed block by block."""

import atexit
import contextlib
import functools
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple, Self

from tests.command import inherited
from tests.long_mode import LONG
from tests.pages import ROOT
from tests.waiting import PATIENCE_SECONDS

_MARK = "@@@ the block has ended with"

# Pages start planes on the ports that everybody would use; a test takes free ones, since the later flag wins.
# What is not of the local family, whose processes are a subject of their own, is run by a fork where there is one.
_PLEXCTL = """#!/bin/sh
case "$1 $2" in
  "local start" | "local serve") set -- "$@" --port 0 --signer-port 0 ;;
  "local "*) ;;
  "login "*) exec env PYTHONPATH={root} {python} -m tests.approver "$@" ;;
  *) test ! -S {socket} || exec {python} -I -S {forked} {socket} "$@" ;;
esac
exec {python} -P -m plexctl "$@"
"""
_FORKED = Path(__file__).with_name("forked.py")
# A fork's coverage would not be measured.
_HAS_FORKS = not LONG and "COVERAGE_PROCESS_START" not in os.environ


class Kind(NamedTuple):
    """A kind of shell: how it is started without settings of the user's, and its last exit code."""

    command: tuple[str, ...]
    status: str


BASH = Kind(("bash", "--norc", "--noprofile"), "$?")
ZSH = Kind(("zsh", "-f"), "$?")
FISH = Kind(("fish", "--no-config", "--command", "while read --local line; eval $line; end"), "$status")


@functools.cache
def _forks() -> Path:
    """Start the process that the forks of all shells come from, and return the path of its socket."""
    directory = tempfile.TemporaryDirectory(prefix="plexctl-forks-")
    socket = Path(directory.name) / "s"
    command = [sys.executable, "-P", str(_FORKED), "serve", str(socket)]
    environment = inherited() | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"

    @atexit.register
    def end() -> None:
        process.kill()
        process.communicate()
        directory.cleanup()

    return socket


class Typed(NamedTuple):
    output: str  # stdout and stderr as they came
    status: int


class Shell:
    """A shell in an empty directory, with plexctl on PATH and no setting of ours; variables last as long as it does."""

    def __init__(self, directory: Path, kind: Kind = BASH) -> None:
        self._status = kind.status
        self.home = directory / "home"
        self._blocks = directory / "blocks"
        self._states = self.home / ".local" / "state" / "plexctl"
        programs = directory / "bin"
        for made in (self.home, self._blocks, programs):
            made.mkdir(parents=True)
        shim = programs / "plexctl"
        socket = _forks() if _HAS_FORKS else directory / "no-forks"
        words = {"python": sys.executable, "forked": str(_FORKED), "socket": str(socket), "root": str(ROOT)}
        shim.write_text(_PLEXCTL.format(**{name: shlex.quote(word) for name, word in words.items()}))
        shim.chmod(0o755)
        (programs / "python3").symlink_to(Path(sys.executable).resolve())  # itself, which a version manager hides
        environment = inherited()
        self._environment = environment | {
            "PATH": f"{programs}:{environment['PATH']}",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            kind.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home,
            env=self._environment,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End whatever the page has left running, however far it came."""
        subprocess.run(["plexctl", "local", "stop"], env=self._environment, capture_output=True, check=False)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def type(self, code: str) -> Typed:
        """Run a block as if typed: what the plane does in the background is done by then, since people are slow."""
        self._settle()
        block = self._blocks / f"{len(list(self._blocks.iterdir()))}.sh"
        block.write_text(self._on_its_ports(code))
        assert self._process.stdin
        self._process.stdin.write(
            f". {shlex.quote(str(block))} </dev/null; printf '\\n{_MARK} %d\\n' \"{self._status}\"\n"
        )
        self._process.stdin.flush()
        watchdog = threading.Timer(PATIENCE_SECONDS, os.killpg, (self._process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            return self._read()
        finally:
            watchdog.cancel()

    def _read(self) -> Typed:
        assert self._process.stdout
        lines: list[str] = []
        for line in self._process.stdout:
            if line.startswith(_MARK):
                return Typed("".join(lines).removesuffix("\n"), int(line.removeprefix(_MARK)))
            lines.append(line)
        raise AssertionError(f"the shell ended in this block, after:\n{''.join(lines)}")

    def _on_its_ports(self, code: str) -> str:
        """Put the running plane's ports where the page has the usual ones."""
        directory = self._plane()
        if directory is None:
            return code
        plane = json.loads((directory / "state.json").read_bytes())
        for usual, actual in ((":8080", plane["url"]), (":9443", plane["signer_endpoint"])):
            code = code.replace(usual, f":{actual.rpartition(':')[2]}")
        return code

    def _plane(self) -> Path | None:
        """Return the directory of the plane that a page uses: an ephemeral one, or the default one."""
        found = [*self._states.glob("local-ephemeral/*/state.json"), *self._states.glob("local/state.json")]
        return found[0].parent if found else None

    def _settle(self) -> None:
        """Wait until the plane has carried out all that it has promised."""
        directory = self._plane()
        if directory is None:
            return
        query = "SELECT count(*) FROM outbox WHERE delivered_at IS NULL"
        deadline = time.monotonic() + PATIENCE_SECONDS
        with contextlib.closing(sqlite3.connect(directory / "plane.db")) as connection:
            while connection.execute(query).fetchone()[0]:
                assert time.monotonic() < deadline, "the plane's background work takes too long"
                time.sleep(0.02)
