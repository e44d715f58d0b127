"""Assignments of variables, in the syntax of a shell."""

import shlex
from collections.abc import Callable, Mapping


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    escaped = value.replace("'", "''")
    return f"$env:{name} = '{escaped}'"


SHELLS: Mapping[str, Callable[[str, str], str]] = {"sh": _sh, "fish": _fish, "powershell": _powershell}


def assignments(shell: str, variables: Mapping[str, str]) -> str:
    """Write one assignment per line, in the syntax of a shell."""
    return "".join(f"{SHELLS[shell](name, value)}\n" for name, value in variables.items())
