"""Where planes without a directory of their own live: beside the default directory, so that they are found again."""

import shutil
from pathlib import Path

from plexctl.identifiers import uuid7
from plexctl.local import data_directory, running
from plexctl.local.data_directory import STATE


def new(default: Path) -> Path:
    """Name a fresh directory, after removing those of ephemeral planes that were killed."""
    for directory in _all(default):
        if (directory / STATE).exists() and not data_directory.is_in_use(directory):
            shutil.rmtree(directory, ignore_errors=True)
    return _parent(default) / uuid7()


def current(default: Path) -> Path:
    """Choose the directory meant when none is named: of the running planes the last started, else the default."""
    planes = []
    for directory in (default, *_all(default)):
        plane = running.read(directory)
        if plane is not None and data_directory.is_in_use(directory):
            planes.append((plane.started_at, directory))
    return max(planes, default=("", default))[1]


def _all(default: Path) -> list[Path]:
    return list(_parent(default).glob("*"))


def _parent(default: Path) -> Path:
    return default.with_name(f"{default.name}-ephemeral")
