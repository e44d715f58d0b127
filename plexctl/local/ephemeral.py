"""The directories of ephemeral planes: beside the default directory, so that they can be found."""

import contextlib
from pathlib import Path

from plexctl.identifiers import uuid7
from plexctl.local.data_directory import STATE
from plexctl.local.plane_error import PlaneError
from plexctl.local.state import REMOVING, is_in_use, look
from plexctl.local.state_file import StateFile


def new(default: Path) -> Path:
    """Return the path of a new directory, and remove those of ephemeral planes that were killed.

    Raises: PlaneError where others can use one of the directories; OSError.
    """
    for directory in _all(default):
        if (directory / STATE).exists() and not is_in_use(directory):
            remove(directory)
    return _parent(default) / uuid7()


def remove(directory: Path) -> None:
    """Remove what a killed ephemeral plane has left, unless another process has the directory."""
    with contextlib.suppress(PlaneError, OSError):
        file = StateFile(directory, ephemeral=True)
        file.take(REMOVING)
        file.release()


def is_abandoned(directory: Path, default: Path) -> bool:
    """Tell whether a directory is one of an ephemeral plane, and no process has it: its data would be removed.

    Raises: PlaneError where others can use the directory; OSError.
    """
    return directory.resolve().parent == _parent(default).resolve() and not is_in_use(directory)


def in_use(default: Path) -> list[Path]:
    """Return the directories in which a plane starts, serves or stops: the default one and those of ephemeral planes.

    Raises: PlaneError where others can use one of the directories; OSError.
    """
    found = ((directory, look(directory)) for directory in (default, *_all(default)))
    return [directory for directory, state in found if state and state.phase != REMOVING]


def _all(default: Path) -> list[Path]:
    return sorted(_parent(default).glob("*"))


def _parent(default: Path) -> Path:
    return default.with_name(f"{default.name}-ephemeral")
