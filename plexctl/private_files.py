"""Files that only their owner can read; each is written completely or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def create(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600.

    Raises: FileExistsError where the file exists, which is left unchanged; OSError.
    """
    _write(path, content, os.link)  # unlike a rename, a link never replaces a file that another process made meanwhile


def replace(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, in one step in place of the one that exists.

    Raises: OSError.
    """
    _write(path, content, os.replace)


def draft_prefix(name: str) -> str:
    """Return how the names of a file's drafts begin; a killed process can leave a draft with the file's secret."""
    return f".{name}."


def _write(path: Path, content: bytes, publish: Callable[[str, Path], None]) -> None:
    """Write a draft beside the file, and give it the file's name once it is complete.

    Raises: OSError, with the file's name in place of the draft's.
    """
    try:
        _publish_draft(path, content, publish)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _publish_draft(path: Path, content: bytes, publish: Callable[[str, Path], None]) -> None:
    descriptor, draft = tempfile.mkstemp(prefix=draft_prefix(path.name), dir=path.parent)  # mode 0600, O_EXCL
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        publish(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)
