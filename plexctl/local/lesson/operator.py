"""The lesson's operator: runs plexctl as a person at a shell does."""

import json
import shlex
import subprocess
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from string import Template
from typing import Any

from plexctl.local.child import python_command
from plexctl.local.lesson.transcript import TypedCommand
from plexctl.local.plane_error import PlaneError

_TIMEOUT_SECONDS = 30
_PLEXCTL = "from plexctl.main import entry; entry()"
_LINE_CONTINUATION = "\\\n"


class Operator:
    """Runs plexctl commands in an environment; `variables` are those of the shell."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.variables: dict[str, str] = {}

    def run(self, line: str, exit_code: int = 0) -> TypedCommand:
        """Run a command line.

        Raises: PlaneError unless the command ends with the expected exit code.
        """
        words = shlex.split(Template(line.replace(_LINE_CONTINUATION, " ")).substitute(self.variables))
        done = subprocess.run(
            python_command(_PLEXCTL, *words[1:]),
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != exit_code:
            detail = f"{line}: expected exit code {exit_code}, found {done.returncode}: {done.stderr.strip()}"
            raise PlaneError("Broken Promise", detail)
        return TypedCommand(line, (done.stdout + done.stderr).rstrip("\n"), done.returncode)

    def read(self, line: str) -> Any:  # noqa: ANN401  the JSON that the command prints
        """Run a command with --output json and return the document; the lesson does not show it.

        Raises: PlaneError unless the command exits 0.
        """
        return json.loads(self.run(f"{line} --output json").output)

    def keep(self, variable: str, line: str, *path: str | int) -> tuple[TypedCommand, TypedCommand]:
        """Run a command, store one field of its JSON in a shell variable, and return the commands that show it.

        `path` leads to the field: names of members, and positions in lists.

        Raises: PlaneError unless the command exits 0.
        """
        value = str(reduce(getitem, path, self.read(line)))
        self.variables[variable] = value
        field = shlex.quote("".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path))
        return (
            TypedCommand(f"{variable}=$({line} --output json | jq -r {field})", ""),
            TypedCommand(f'echo "${variable}"', value),
        )
