"""Changes to config.json: read, changed and written by one process at a time, in one step."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexctl import private_files
from plexctl.failures import Failure, Kind
from plexctl.settings.config import read_config

_LONGEST_WAIT_SECONDS = 10  # for another process, which needs milliseconds
_PAUSE_SECONDS = 0.02


@contextmanager
def edited(path: Path, *, creates: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the whole document, unknown keys included, and write it when the block has changed it and ends well.

    A link stays a link: the file that it leads to is replaced. Unless the block `creates` something, a directory that
    is not there is not made, and has nothing that could be changed.

    Raises: Failure where the file is malformed, or not private enough; OSError.
    """
    file = Path(os.path.realpath(path))
    if creates:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    elif not file.parent.exists():
        yield {}
        return
    with _locked(file.parent):
        document = read_config(file)
        before = json.dumps(document)
        yield document
        if json.dumps(document) != before:
            write_config(file, document)


def write_config(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file in one step, with mode 0600; unknown keys stay if `document` is the whole document.

    Raises: OSError.
    """
    try:
        content = json.dumps(document, ensure_ascii=False, indent=2).encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can write
        content = json.dumps(document, indent=2).encode()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private_files.replace(path, content + b"\n")


def profile_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a profile's values, to change them; a new profile is made, and the first one is the default."""
    profiles: dict[str, dict[str, Any]] = document.setdefault("profiles", {})
    if not profiles:
        document["default_profile"] = name
    return profiles.setdefault(name, {})


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Keep other processes that change the file waiting; the lock is on its directory and ends with the process.

    Raises: Failure(local) where another process keeps it.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not _has_lock(descriptor):
            if time.monotonic() > deadline:
                detail = f"another process has been changing {directory}/config.json for {_LONGEST_WAIT_SECONDS} s"
                raise Failure(Kind.LOCAL, "Configuration Busy", detail)
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _has_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
