"""state.json in the hands of the process that has the data directory: locked, written, and removed in the end."""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from plexctl.local import data_directory, holder
from plexctl.local.data_directory import STATE
from plexctl.local.plane_error import PlaneError
from plexctl.local.state import REMOVING, STARTING, State, is_at, look, try_lock
from plexctl.private_files import draft_prefix

_PAUSE_SECONDS = 0.02


class StateFile:
    """The state file of a directory, locked from `take` to `release`, or until the process ends."""

    def __init__(
        self, directory: Path, *, ephemeral: bool = False, options: Mapping[str, object] | None = None
    ) -> None:
        birth = holder.own_birth()
        self.path = directory / STATE
        self._descriptor = -1
        known = State(os.getpid(), birth.place, birth.started, STARTING, str(directory), ephemeral)
        self._state = replace(known, options=options)

    def take(self, phase: str = STARTING) -> None:
        """Lock the file, and note this process and the phase in it.

        Raises: PlaneError where another process has the directory; OSError.
        """
        self._state = replace(self._state, phase=phase)
        while not self._take_once():
            time.sleep(_PAUSE_SECONDS)
        for draft in self.path.parent.glob(f"{draft_prefix(STATE)}*"):  # left by a process that was killed
            draft.unlink(missing_ok=True)

    def write(self, **changes: Any) -> State:  # noqa: ANN401  the fields of State have several types
        """Note what has changed, and return the state.

        Raises: OSError.
        """
        self._state = replace(self._state, **changes)
        self._write_to(self._descriptor)
        return self._state

    def release(self) -> None:
        """Remove the file, or all of an ephemeral plane's directory, and unlock it.

        Nothing is removed where another file has its name.
        """
        if is_at(self._descriptor, self.path):
            if self._state.ephemeral:
                _remove_others(self.path)
            self.path.unlink(missing_ok=True)
            if self._state.ephemeral:
                with contextlib.suppress(OSError):
                    self.path.parent.rmdir()
        os.close(self._descriptor)

    def _take_once(self) -> bool:
        """Try once; return False where the file has changed meanwhile, or somebody only looks at it.

        Raises: PlaneError where another process has the directory; OSError.
        """
        try:
            descriptor = data_directory.open_file(self.path, os.O_RDWR)
        except FileNotFoundError:
            return self._create()
        if try_lock(descriptor, fcntl.LOCK_EX) and is_at(descriptor, self.path):
            self._descriptor = descriptor
            self._write_to(descriptor)
            return True
        os.close(descriptor)
        other = look(self.path.parent)
        if other is not None and other.phase != REMOVING:
            raise PlaneError("Plane Running", f"a plane is already running in {self.path.parent}", "stop it first")
        return False

    def _create(self) -> bool:
        """Create the file, complete and locked; return False where another process was first."""
        descriptor, draft = tempfile.mkstemp(prefix=draft_prefix(STATE), dir=self.path.parent)  # mode 0600, O_EXCL
        try:
            try_lock(descriptor, fcntl.LOCK_EX)
            self._write_to(descriptor)
            os.link(draft, self.path)
        except (FileExistsError, FileNotFoundError):
            os.close(descriptor)
            return False
        finally:
            Path(draft).unlink(missing_ok=True)
        self._descriptor = descriptor
        return True

    def _write_to(self, descriptor: int) -> None:
        note = json.dumps(asdict(self._state)).encode() + b"\n"
        os.pwrite(descriptor, note, 0)
        os.ftruncate(descriptor, len(note))


def _remove_others(kept: Path) -> None:
    """Remove all that lies beside a file; a kill meanwhile leaves the file, by which the next start finds the rest."""
    for entry in kept.parent.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry != kept:
            entry.unlink(missing_ok=True)
