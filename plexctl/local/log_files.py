"""The files of a detached plane's log: plane.log, and plane.log.1 and so on for what was written before."""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from plexctl.local import data_directory
from plexctl.local.plane_error import PlaneError

MAX_BYTES = 10 * 1024 * 1024  # of one file
KEPT = 3  # files besides plane.log

_STDERR = 2
_PAUSE_SECONDS = 0.02


class RotatingHandler(logging.Handler):
    """Writes to this process's stderr, which is the log file, and begins a new file once that is full."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        super().__init__()
        self._path = path
        self._max_bytes = max_bytes

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; it is lost where it cannot be written, as on a full disk, or is malformed."""
        with contextlib.suppress(OSError, PlaneError, TypeError, ValueError):
            line = self.format(record).encode() + b"\n"
            while line:
                line = line[os.write(_STDERR, line) :]
            if os.fstat(_STDERR).st_size >= self._max_bytes:
                self._rotate()

    def _rotate(self) -> None:
        """Rename every file to the next number, the last one replacing the oldest, and point stderr at a new one.

        Raises: PlaneError; OSError.
        """
        for number in reversed(range(KEPT)):
            with contextlib.suppress(FileNotFoundError):
                _file(self._path, number).replace(_file(self._path, number + 1))
        descriptor = data_directory.open_file(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            for stream in (1, _STDERR):
                os.dup2(descriptor, stream)
        finally:
            os.close(descriptor)


def read_lines(path: Path, is_followed: Callable[[], bool]) -> Iterator[str]:
    """Yield every line, from the oldest file on, and go on with new ones while `is_followed` says so.

    Raises: PlaneError where others can use one of the files; OSError.
    """
    files, rest = _newer_than(None, path), b""
    try:
        while files:
            goes_on = is_followed()  # asked before reading, so that no line is lost
            newer = _newer_than(files[-1], path)
            for line in (line for file in files for line in file):
                rest += line
                if rest.endswith(b"\n"):
                    yield rest.decode("utf-8", "replace")
                    rest = b""
            _close(files if newer else files[:-1])
            files = newer or files[-1:]
            if not (goes_on or newer):
                break
            time.sleep(0 if newer else _PAUSE_SECONDS)
    finally:
        _close(files)
    if rest:
        yield rest.decode("utf-8", "replace")


def _newer_than(known: BinaryIO | None, path: Path) -> list[BinaryIO]:
    """Open the files that are newer than a known one, or all where it is None or gone; the oldest is the first.

    Raises: PlaneError where others can use one of the files; OSError.
    """
    found: list[BinaryIO] = []
    try:
        for number in range(KEPT + 1):
            with contextlib.suppress(FileNotFoundError):
                found.append(os.fdopen(data_directory.open_file(_file(path, number)), "rb"))
                if known and _is_same(found[-1], known):
                    found.pop().close()
                    break
                if len(found) > 1 and _is_same(*found[-2:]):  # a rotation in between gave it another name
                    found.pop().close()
    except BaseException:
        _close(found)
        raise
    return found[::-1]


def _close(files: list[BinaryIO]) -> None:
    for file in files:
        file.close()


def _is_same(one: BinaryIO, other: BinaryIO) -> bool:
    return os.path.samestat(os.fstat(one.fileno()), os.fstat(other.fileno()))


def _file(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path
