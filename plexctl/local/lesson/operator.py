"""The lesson's operator: runs plexctl itself, as a person at a shell does."""

import json
import shlex
import subprocess
from collections.abc import Mapping
from string import Template
from typing import Any

from plexctl.local.child import python_command
from plexctl.local.lesson.transcript import TypedCommand
from plexctl.local.plane_error import PlaneError

_LONGEST = 30
_PLEXCTL = "from plexctl.main import entry; entry()"
_CONTINUED = "\\\n"


class Operator:
    """Types plexctl commands in an environment; `variables` are the shell's own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.variables: dict[str, str] = {}

    def run(self, line: str, exit_code: int = 0) -> TypedCommand:
        """Run a command line.

        Raises: PlaneError unless it ends with the exit code expected.
        """
        words = shlex.split(Template(line.replace(_CONTINUED, " ")).substitute(self.variables))
        done = subprocess.run(
            python_command(_PLEXCTL, *words[1:]),
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != exit_code:
            detail = f"{line}: expected exit code {exit_code}, found {done.returncode}: {done.stderr.strip()}"
            raise PlaneError("Broken Promise", detail)
        return TypedCommand(line, (done.stdout + done.stderr).rstrip("\n"), done.returncode)

    def read(self, line: str) -> Any:  # noqa: ANN401  whatever the command answers
        """Run a command for its json, unseen."""
        return json.loads(self.run(f"{line} --output json").output)

    def keep(self, variable: str, line: str, field: str) -> tuple[TypedCommand, TypedCommand]:
        """Run a command, keep one field of its json in a shell variable, and show that."""
        value = str(self.read(line)[field])
        self.variables[variable] = value
        return (
            TypedCommand(f"{variable}=$({line} --output json | jq -r .{field})", ""),
            TypedCommand(f'echo "${variable}"', value),
        )
