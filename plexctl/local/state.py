"""What state.json says: who has a data directory, in which phase, and where its plane answers.

The plane keeps the file locked while it lives. Locked, the file describes the plane that holds the lock; not locked,
whatever it says is history.
"""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plexctl.local import data_directory, holder
from plexctl.local.data_directory import STATE
from plexctl.local.holder import Birth
from plexctl.local.plane_error import START_AFRESH, PlaneError

STARTING, SERVING, STOPPING, REMOVING = "starting", "serving", "stopping", "removing"

_PAUSE_SECONDS = 0.02
_PATIENCE_SECONDS = 2.0  # with a note that is just being written
_LONGEST_NOTE_BYTES = 64 * 1024


@dataclass(frozen=True)
class State:
    """What the holder of a directory has noted; `url`, `signer_endpoint` and `started_at` are None until it serves.

    `phase` is starting, serving or stopping; or removing, where the holder is a reset and no plane. `place` and
    `started` are the Birth of the process `pid`. `options` are the ports asked for and the plane's settings.
    """

    pid: int
    place: str
    started: str
    phase: str
    data_dir: str
    ephemeral: bool = False
    url: str | None = None
    signer_endpoint: str | None = None
    started_at: str | None = None
    options: Mapping[str, object] | None = None

    @property
    def birth(self) -> Birth:
        """What proves that `pid` is still the process that noted this."""
        return Birth(self.place, self.started)


def look(directory: Path) -> State | None:
    """Read the state of the process that has the directory; None where no process has it.

    Raises: PlaneError where the state is not the holder's or others can use the directory; OSError.
    """
    try:
        data_directory.check(directory)
        descriptor = data_directory.open_file(directory / STATE)
    except (FileNotFoundError, NotADirectoryError):
        return None
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        while not try_lock(descriptor, fcntl.LOCK_SH):
            state = _read(descriptor)
            if state is not None:
                return state
            if time.monotonic() > deadline:
                raise PlaneError("Damaged Plane", f"{directory / STATE} does not describe a plane", START_AFRESH)
            time.sleep(_PAUSE_SECONDS)
    finally:
        os.close(descriptor)
    return None


def is_in_use(directory: Path) -> bool:
    """Tell whether a process has the directory.

    Raises: PlaneError where the state is not the holder's or others can use the directory; OSError.
    """
    return look(directory) is not None


def _read(descriptor: int) -> State | None:
    """Read a locked file; None where it is damaged, or still says what an earlier holder wrote."""
    try:
        state = State(**json.loads(os.pread(descriptor, _LONGEST_NOTE_BYTES, 0)))
        return None if holder.is_gone(state.pid, state.birth) else state
    except (ValueError, TypeError):
        return None


def try_lock(descriptor: int, kind: int) -> bool:
    """Lock a file, `kind` being LOCK_SH or LOCK_EX, unless that would mean to wait."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_at(descriptor: int, path: Path) -> bool:
    """Tell whether an open file is the one that has the name."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except (FileNotFoundError, NotADirectoryError):
        return False
