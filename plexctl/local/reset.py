"""Deletes what planes and fleets have left in a directory."""

import contextlib
from pathlib import Path

from plexctl.local import data_directory
from plexctl.local.bearers import BEARERS_FILE
from plexctl.local.fleet import folder
from plexctl.local.state import REMOVING
from plexctl.local.state_file import StateFile
from plexctl.private_files import draft_prefix

_FILES = (  # all that a plane makes besides the file that is locked meanwhile; SQLite puts two beside its own
    f"{data_directory.DATABASE}*",
    data_directory.ROOT_KEY,
    f"{data_directory.LOG}*",
    BEARERS_FILE,
    *(f"{draft_prefix(name)}*" for name in (data_directory.ROOT_KEY, data_directory.STATE, BEARERS_FILE)),
)


def reset(directory: Path) -> bool:
    """Delete the files of planes and fleets in a directory, and return False where there are none.

    Other files stay, and so does the directory then.

    Raises: PlaneError where a plane or a fleet is running, or others can use the directory; OSError.
    """
    if not any(any(directory.glob(pattern)) for pattern in (data_directory.STATE, folder.FOLDER, *_FILES)):
        return False
    data_directory.check(directory)
    file = StateFile(directory)
    file.take(REMOVING)
    try:
        folder.remove(directory)
        for pattern in _FILES:
            for path in directory.glob(pattern):
                path.unlink(missing_ok=True)
    finally:
        file.release()
    with contextlib.suppress(OSError):
        directory.rmdir()
    return True
