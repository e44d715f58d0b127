"""The one way to stdout and stderr: writes every byte, as UTF-8 whatever the locale says, or fails."""

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class StdoutClosed(Exception):  # noqa: N818  it says what happened, and is no failure
    """Nobody reads stdout, for example after `head`."""


class Recording:
    """What would have been written: data for stdout, and texts for stderr.

    `rows_within` lays out the first rows of the data for a window of so many cells; such a row may have several lines.
    `document_digest` is that of the document of which the data shows all or a part; a table has none.
    """

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.notes: list[str] = []
        self.rows_within: Callable[[int], Iterable[str]] = lambda _: b"".join(self.data).decode().splitlines()
        self.document_digest: bytes | None = None


def write_stdout(data: str | bytes) -> None:
    """Write data to stdout.

    Raises: StdoutClosed; OSError.
    """
    if sys.stdout is None:
        raise StdoutClosed
    try:
        _write_all(sys.stdout, data)
    except BrokenPipeError:
        raise StdoutClosed from None


def check_stdout() -> None:
    """Notice that nobody reads stdout any more, before anything is written to it.

    Raises: StdoutClosed.
    """
    import select  # few commands wait long enough to ask

    if sys.stdout is None:
        raise StdoutClosed
    try:
        descriptor = sys.stdout.fileno()
    except OSError:
        return  # a test's, which nobody closes
    asked = select.poll()
    asked.register(descriptor, 0)
    if any(happened & (select.POLLERR | select.POLLHUP) for _, happened in asked.poll(0)):
        raise StdoutClosed


def write_stderr(text: str) -> None:
    """Write text to stderr; one that cannot be written to is given up, and changes nothing else."""
    if sys.stderr is None:
        return
    try:
        _write_all(sys.stderr, text)
    except OSError:
        sys.stderr = None


def open_closed_streams() -> None:
    """Fill the descriptors of the standard streams that were closed from the start.

    Otherwise the next file or socket would be opened in their place, and what is written to stdout would go there.
    """
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
    if sys.stdout is None:
        _open_stdout()
    if sys.stderr is None:
        os.open(os.devnull, os.O_WRONLY)


def _open_stdout() -> None:
    """Make stdout a pipe that nobody reads, so that writing to it ends as it does with `head`."""
    reader, writer = os.pipe()
    os.dup2(writer, 1)
    for descriptor in {reader, writer} - {1}:
        os.close(descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  it stays open to the end


def _write_all(stream: TextIO, data: str | bytes) -> None:
    """Write past every buffer: a raw file may take less than it is given, and nothing if it does not block."""
    raw: Any = getattr(stream.buffer, "raw", stream.buffer)
    rest = memoryview(encoded(data))
    while rest:
        written = raw.write(rest)
        if written is None:
            _wait_until_writable(raw.fileno())
        else:
            rest = rest[written:]


def encoded(data: str | bytes) -> bytes:
    """Return data as UTF-8; a lone surrogate is escaped."""
    return data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data


def _wait_until_writable(descriptor: int) -> None:
    import select  # few streams do not block

    waiting = select.poll()
    waiting.register(descriptor, select.POLLOUT)
    waiting.poll()
