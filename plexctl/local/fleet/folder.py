"""The folder of fleets in a data directory: one file per Node, and one fleet at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexctl import private_files
from plexctl.local import data_directory
from plexctl.local.fleet import secrets
from plexctl.local.fleet.secrets import Secrets
from plexctl.local.plane_error import PlaneError
from plexctl.local.state import is_at, try_lock

FOLDER = "fleet"
_FILES = f"{'?' * 36}.[0-9][0-9][0-9][0-9].json"  # the Project's id, and the Node's number in its fleet


@contextmanager
def locked(data_dir: Path) -> Iterator["Folder"]:
    """Make the folder if it is missing, and hold it as long as the block runs, or until the process ends.

    Raises: PlaneError where another fleet has it, or others can use it; OSError.
    """
    path = data_dir / FOLDER
    path.mkdir(mode=0o700, exist_ok=True)
    data_directory.check(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not (try_lock(descriptor, fcntl.LOCK_EX) and is_at(descriptor, path)):
            raise PlaneError("Fleet Running", f"a fleet is already running over {data_dir}", "stop it first")
        for draft in path.glob(private_files.draft_prefix(_FILES) + "*"):  # left by a process that was killed
            draft.unlink()
        yield Folder(path, descriptor)
    finally:
        os.close(descriptor)


def remove(data_dir: Path) -> None:
    """Delete the folder with the secrets of every fleet; other files stay, and so does the folder then.

    Raises: PlaneError where a fleet is running, or others can use the folder; OSError.
    """
    if not (data_dir / FOLDER).exists():
        return
    with locked(data_dir) as folder:
        for path in folder.path.glob(_FILES):
            path.unlink()
        with contextlib.suppress(OSError):
            folder.path.rmdir()


class Folder:
    """The folder in the hands of the process that holds it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def is_in_place(self) -> bool:
        """Tell whether it is still where it was, and not removed with its data directory."""
        return is_at(self._descriptor, self.path)

    def read(self, project_id: str) -> list[Secrets]:
        """Read the secrets of a Project's Nodes, by number.

        Raises: PlaneError where a file is damaged or others can use it; OSError.
        """
        return [_read(path) for path in sorted(self.path.glob(_FILES)) if path.name.startswith(project_id)]

    def write(self, project_id: str, node: Secrets) -> None:
        """Write one Node's file.

        Raises: OSError.
        """
        private_files.replace(self._file(project_id, node), secrets.encode(node))

    def drop(self, project_id: str, node: Secrets) -> None:
        """Delete one Node's file.

        Raises: OSError.
        """
        self._file(project_id, node).unlink(missing_ok=True)

    def _file(self, project_id: str, node: Secrets) -> Path:
        return self.path / f"{project_id}.{node.number:04}.json"


def _read(path: Path) -> Secrets:
    try:
        return secrets.decode(data_directory.read_file(path))
    except (ValueError, TypeError):
        detail = f"{path} does not describe a Node of a fleet"
        raise PlaneError("Damaged Fleet", detail, "remove it, and delete the Node's Resource") from None
