"""How the local plane and the lesson start plexctl in a new process."""

import sys
from collections.abc import Mapping

import plexctl

# The child imports this very package, whatever sys.path or the working directory would have it import.
_THIS_PACKAGE = """\
import importlib.util, sys
spec = importlib.util.spec_from_file_location("plexctl", sys.argv.pop(1))
sys.modules["plexctl"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["plexctl"])
"""

# What a process needs to find its interpreter, its libraries and its user's directories, and to write in the user's
# language. Everything else stays behind, since a detached process keeps what it has for as long as it lives.
_INHERITED = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "TZ",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONUSERBASE",
        "PYTHONNOUSERSITE",
        "PYTHONPLATLIBDIR",
        "PYTHONUTF8",
        "PYTHONCOERCECLOCALE",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPYCACHEPREFIX",
    }
)
_INHERITED_PREFIXES = ("LC_", "XDG_")


def python_command(code: str, *arguments: str) -> list[str]:
    """Return the command that runs Python code which can import this package; the arguments are in sys.argv[1:].

    Warnings are off: those of a library would stand among what the process writes.
    """
    return [sys.executable, "-P", "-W", "ignore", "-c", _THIS_PACKAGE + code, plexctl.__file__, *arguments]


def clean_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a detached process may have, among them no credential and no proxy."""
    return {
        name: value for name, value in variables.items() if name in _INHERITED or name.startswith(_INHERITED_PREFIXES)
    }
