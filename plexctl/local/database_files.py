"""Notices that an open database's files were removed or replaced: what is written to it then is lost."""

from pathlib import Path

Identity = tuple[int, int]  # device and inode


class DatabaseFiles:
    """The files of one open database: its own, and the write-ahead log once there is one."""

    def __init__(self, path: Path) -> None:
        self._paths = (path, path.with_name(f"{path.name}-wal"))
        self._known: dict[Path, Identity] = {}

    def find_lost(self) -> Path | None:
        """Return the first file that is no longer the one seen earlier, or None."""
        return next((path for path in self._paths if self._is_lost(path)), None)

    def _is_lost(self, path: Path) -> bool:
        found = _identity(path)
        if path not in self._known:
            if found is not None:
                self._known[path] = found
            return False
        return found != self._known[path]


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
