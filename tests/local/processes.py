"""The local family through real processes: what its tests share."""

import os
import signal
import subprocess
from pathlib import Path

from tests.waiting import PATIENCE_SECONDS, eventually

FREE = "--port 0 --signer-port 0"


def state_home(local) -> Path:
    return local.home / ".local" / "state" / "plexctl"


def default_directory(local) -> Path:
    return state_home(local) / "local"


def private_directory(local) -> Path:
    """Create the default directory, as a plane would."""
    directory = default_directory(local)
    directory.mkdir(parents=True)
    directory.chmod(0o700)
    return directory


def write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def killed(pid: int) -> None:
    """Kill a process, and return once it has ended."""
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    """Whether there is such a process; one that has ended, and that nobody has asked for its end, is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(") ")[2][0] != "Z"


def started(local, flags=""):
    done = local(f"local start {FREE} -o json {flags}")
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
