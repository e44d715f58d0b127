"""Runs plexctl for a test: in this process, or as a child where signals, pipes or imports are the subject."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from plexctl import main
from tests.waiting import PATIENCE_SECONDS

CHILD = [sys.executable, "-P", "-m", "plexctl"]  # -P: never a module of the directory in which it runs


class Outcome(NamedTuple):
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, Any]:
        """The error document of a run in json mode."""
        return json.loads(self.stderr)["error"]


def arguments(line: str, *words: str | Path) -> list[str]:
    """Split a command line as a shell does; each further word is one argument, whatever it holds."""
    return [*shlex.split(line), *map(str, words)]


def inherited() -> dict[str, str]:
    """Return what every child needs of this process's environment: its programs, and the measuring of coverage."""
    return {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("COVERAGE_")}


class Child(subprocess.Popen[bytes]):
    """A process that a test which fails does not wait for."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, error, trace)


class Command:
    """plexctl with an environment and a home of its own.

    What it is called with is a command line, `plexctl("peer list --domain x")`; each further word is one argument.
    """

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.environment = {**inherited(), "HOME": str(home), "COLUMNS": "80", **(environment or {})}
        self._children: list[Child] = []

    def __call__(self, line: str = "", *words: str | Path, **environment: str) -> Outcome:
        """Run in this process and return what a shell would see."""
        stdout, stderr = _Stream(), _Stream()
        kept = sys.stdout, sys.stderr, dict(os.environ)
        sys.stdout, sys.stderr = stdout, stderr
        _set_environment(self.environment | environment)
        try:
            code = main.run(arguments(line, *words))
        finally:
            sys.stdout, sys.stderr = kept[:2]
            _set_environment(kept[2])
        return Outcome(code, stdout.text(), stderr.text())

    def child(self, line: str = "", *words: str | Path, **environment: str) -> Outcome:
        """Run in a process of its own."""
        command = [*CHILD, *arguments(line, *words)]
        environment = self.environment | environment
        done = subprocess.run(command, env=environment, capture_output=True, timeout=PATIENCE_SECONDS, check=False)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(
        self, line: str, *words: str | Path, stdin: Any = None, stdout: Any = subprocess.PIPE, **environment: str
    ) -> "Child":
        """Start a process of its own, for a test that sends it signals or closes its pipes."""
        command = [*CHILD, *arguments(line, *words)]
        variables = self.environment | environment
        child = Child(command, env=variables, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)
        self._children.append(child)
        return child

    def close(self) -> None:
        """Kill what a test that failed has left running."""
        for child in self._children:
            if child.poll() is None:
                child.kill()
                child.communicate(timeout=PATIENCE_SECONDS)

    def configure(self, document: Any, mode: int = 0o600) -> Path:
        """Write config.json; a string is written as it is."""
        path = self.home / ".config" / "plexctl" / "config.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        path.chmod(mode)
        return path


def _set_environment(variables: Mapping[str, str]) -> None:
    """Make these the variables there are, with as few changes as it takes: each is a call into the C library."""
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update({name: value for name, value in variables.items() if os.environ.get(name) != value})


class _Stream(io.TextIOWrapper):
    """Collects what is written, bytes and text alike, and is no terminal."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO has it
