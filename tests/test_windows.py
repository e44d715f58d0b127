"""What Windows lacks is said in one line, as is a module of Unix that is missing elsewhere."""

import os
import re
import subprocess

import pytest

from tests.command import CHILD
from tests.pages import ROOT

WITHOUT_UNIX = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {"fcntl", "grp", "pwd", "resource", "termios"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules.pop(name, None)
"""
LINE = (
    "plexctl: Unsupported System: Windows lacks fcntl, resource and pwd, by which plexctl keeps its files private and "
    "runs the local plane; run plexctl in WSL, on Linux or on macOS\n"
)


@pytest.fixture
def run(plexctl, tmp_path):
    def run(line, program):
        (tmp_path / "sitecustomize.py").write_text(program)
        environment = plexctl.environment | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
        command = [*CHILD, *line.split()]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize("line", ["--help", "--version", "domain list", "local start", "local lesson", "pere"])
def test_on_windows_every_command_says_what_is_lacking(run, line):
    done = run(line, f"{WITHOUT_UNIX}\nsys.platform = 'win32'\n")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", LINE)


@pytest.mark.parametrize("command", ["start", "serve", "status", "stop", "lesson"])
def test_where_a_module_is_missing_the_plane_says_which(run, command):
    done = run(f"local {command}", WITHOUT_UNIX)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert re.match(
        r"plexctl: Unsupported System: Python has no (fcntl|resource) here, which plexctl needs; ", done.stderr
    )
