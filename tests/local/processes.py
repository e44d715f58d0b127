"""The local family through real processes: what its tests share."""

import subprocess
from pathlib import Path

from tests.waiting import PATIENCE_SECONDS

FREE = "--port 0 --signer-port 0"


def state_home(local) -> Path:
    return local.home / ".local" / "state" / "plexctl"


def default_directory(local) -> Path:
    return state_home(local) / "local"


def started(local, flags=""):
    done = local.child(f"local start {FREE} -o json {flags}")
    assert done.code == 0, done.stderr
    return done.json


def failed(done, *words):
    """Expect one line on stderr, nothing on stdout, exit 1."""
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith("plexctl: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def in_shell(local, script: str) -> str:
    """Run a script in a shell with the command's environment, and return what it wrote to stdout."""
    command = ["sh", "-c", script]
    done = subprocess.run(command, env=local.environment, capture_output=True, timeout=PATIENCE_SECONDS, check=True)
    return done.stdout.decode()
