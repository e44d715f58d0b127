"""How the local plane and the lesson start plexctl in a new process."""

import sys

import plexctl

# The child imports this very package, whatever sys.path or the working directory would have it import.
_THIS_PACKAGE = """\
import importlib.util, sys
spec = importlib.util.spec_from_file_location("plexctl", sys.argv.pop(1))
sys.modules["plexctl"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["plexctl"])
"""


def python_command(code: str, *arguments: str) -> list[str]:
    """Return the command that runs Python code which can import this package; the arguments are in sys.argv[1:]."""
    return [sys.executable, "-P", "-c", _THIS_PACKAGE + code, plexctl.__file__, *arguments]
