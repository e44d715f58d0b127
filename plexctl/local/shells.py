"""Assignments of variables, in the syntax of a shell."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    escaped = value.replace("'", "''")
    return f"$env:{name} = '{escaped}'"


class Shell(NamedTuple):
    """How a shell sets an exported variable, and how it removes one."""

    assign: Callable[[str, str], str]
    remove: str


_POSIX = Shell(_sh, "unset {}")
SHELLS: Mapping[str, Shell] = {
    "sh": _POSIX,
    "bash": _POSIX,
    "zsh": _POSIX,
    "fish": Shell(_fish, "set -e {}"),
    "powershell": Shell(_powershell, "Remove-Item Env:{} -ErrorAction SilentlyContinue"),
}


def assignments(shell: str, variables: Mapping[str, str]) -> str:
    """Write one assignment per line, in the syntax of a shell."""
    return "".join(f"{SHELLS[shell].assign(name, value)}\n" for name, value in variables.items())


def removals(shell: str, names: Iterable[str]) -> str:
    """Write one removal of a variable per line, in the syntax of a shell."""
    return "".join(f"{SHELLS[shell].remove.format(name)}\n" for name in names)
