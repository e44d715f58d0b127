"""The plane's data directory: which files it holds, and how each of them is opened."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexctl import permissions
from plexctl.local.plane_error import PlaneError

DATABASE = "plane.db"
ROOT_KEY = "root.key"
STATE = "state.json"
LOG = "plane.log"


def create(directory: Path) -> None:
    """Create the directory and its missing parents with mode 0700, or check the one that exists.

    An empty directory of the caller's is closed to others, as if it had been created here.

    Raises: PlaneError where others can use the directory; OSError.
    """
    for missing in reversed([directory, *directory.parents]):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)
    if not directory.is_symlink():
        _close_empty(directory)
    check(directory)


def check(directory: Path) -> None:
    """Check that only the caller and root can use the directory.

    Raises: PlaneError; OSError.
    """
    with _plane_errors():
        permissions.check_directory(directory)


def database_files(directory: Path) -> list[Path]:
    """Return the paths of the database and of what SQLite keeps beside it, as far as they exist."""
    return sorted(directory.glob(f"{DATABASE}*"))


def open_file(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open one of the files and return its descriptor; a new file has mode 0600.

    Raises: PlaneError where it is no regular file or others can use it; OSError.
    """
    with _plane_errors():
        return permissions.open_file(path, flags)


def read_file(path: Path) -> bytes:
    """Read one of the files.

    Raises: PlaneError where it is no regular file or others can use it; OSError.
    """
    with os.fdopen(open_file(path), "rb") as file:
        return file.read()


def _close_empty(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(descriptor).st_uid == os.geteuid() and not any(directory.iterdir()):
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


@contextmanager
def _plane_errors() -> Iterator[None]:
    try:
        yield
    except permissions.UntrustedError as error:
        raise PlaneError("Untrusted Data", error.detail, error.advice) from None
