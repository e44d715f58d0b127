"""Files for the owner's eyes only, which exist whole or not at all."""

import os
import tempfile
from pathlib import Path


def draft_prefix(name: str) -> str:
    """Return how the names of a file's drafts begin; one that a kill has left holds what the file was to hold."""
    return f".{name}."


def create(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600; a kill at any moment leaves no half of it under its name.

    Raises: FileExistsError, leaving the file as it was, when there is one already.
    """
    descriptor, draft = tempfile.mkstemp(prefix=draft_prefix(path.name), dir=path.parent)  # mode 0600, O_EXCL
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.link(draft, path)  # unlike a rename, never replaces a file that another process made meanwhile
    finally:
        Path(draft).unlink()
