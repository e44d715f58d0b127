"""How the plane and the lesson start plexctl in a process of its own."""

import sys

import plexctl

# The child is this very package, whatever sys.path or the directory where plexctl was called would have it import.
_THIS_PACKAGE = """\
import importlib.util, sys
spec = importlib.util.spec_from_file_location("plexctl", sys.argv.pop(1))
sys.modules["plexctl"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["plexctl"])
"""


def python_command(code: str, *arguments: str) -> list[str]:
    """Return the command that runs a piece of Python with this package at hand and the arguments in sys.argv[1:]."""
    return [sys.executable, "-P", "-c", _THIS_PACKAGE + code, plexctl.__file__, *arguments]
