"""Which modules a run of plexctl imports: one child interpreter, which forks itself afresh for every run."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tests.waiting import PATIENCE_SECONDS

# It imports Click once for all runs, as each of them would. What it imported beside that would go unnoticed.
_PROBE = r"""
import os, sys

present = set(sys.modules)
import click

for line in sys.stdin:
    variables, words = (part.split("\x1f")[1:] for part in line.rstrip("\n").split("\x1e"))
    answer, ours = os.pipe()
    if os.fork() == 0:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        os.environ.update(pair.split("=", 1) for pair in variables)
        if words == ["click"]:
            code = 0
        else:
            from plexctl.main import run
            code = run(words)
        found = " ".join([str(code), *sorted(set(sys.modules) - present)])
        os.write(ours, found.encode())
        os._exit(0)
    os.close(ours)
    with open(answer) as file:
        print(file.read(), flush=True)
    os.wait()
"""


class Run(NamedTuple):
    """A command line, and the variables that it is run with."""

    line: str
    variables: Mapping[str, str] = {}

    @property
    def request(self) -> str:
        """What the probe reads for this run."""
        variables = [f"{name}={value}" for name, value in self.variables.items()]
        return "\x1e".join("".join(f"\x1f{word}" for word in part) for part in (variables, shlex.split(self.line)))


class Imports(NamedTuple):
    code: int
    modules: frozenset[str]


def imports_of(runs: Iterable[Run], environment: Mapping[str, str]) -> list[Imports]:
    """Run them all and tell each one's exit code and the modules it imported."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        input="\n".join(run.request for run in runs),
        env={**environment, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=10 * PATIENCE_SECONDS,
        check=True,
    )
    answers = [line.split() for line in done.stdout.splitlines()]
    return [Imports(int(code), frozenset(modules)) for code, *modules in answers]
