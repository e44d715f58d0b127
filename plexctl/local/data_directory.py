"""The plane's data directory: which files it holds, and the lock that one plane at a time has on it."""

import fcntl
import os
import time
from pathlib import Path

from plexctl.local.plane_error import PlaneError

DATABASE = "plane.db"
ROOT_KEY = "root.key"
LOCK = "lock"
STATE = "state.json"
LOG = "plane.log"

_PATIENCE_SECONDS = 0.2  # somebody who only looks holds the lock for an instant
_PAUSE_SECONDS = 0.02


def create(directory: Path) -> None:
    """Make the directory, for its owner's eyes only, where it is not there yet.

    Raises: OSError.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


class Lock:
    """Held from `acquire` to `release`, or until the process ends however it ends (flock)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._descriptor = -1

    def acquire(self) -> None:
        """Take the lock.

        Raises: PlaneError where a plane is running in the directory; OSError where the directory cannot be written.
        """
        descriptor = os.open(self._directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _try(descriptor):
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise PlaneError("Plane Running", f"a plane is already running in {self._directory}", "stop it first")
            time.sleep(_PAUSE_SECONDS)
        self._descriptor = descriptor

    def release(self) -> None:
        """Release the lock."""
        os.close(self._descriptor)


def is_in_use(directory: Path) -> bool:
    """Tell whether a plane works on the directory; unlike a process id, the lock cannot outlive it."""
    try:
        descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _try(descriptor)
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
