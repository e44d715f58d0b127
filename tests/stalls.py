"""What keeps a caller waiting, and how the wait is measured.

The acts are for the scripted server; each lasts until the test is over.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from tests.fake_server import Act, FakeServer
from tests.waiting import PATIENCE_SECONDS

# Loaded by a child interpreter before plexctl: a resolver that tells that it was asked, and never answers.
STALLED_RESOLVER = """
import os, socket, threading
def stalled(*_, **__):
    open(os.environ["ASKED"], "w").close()
    threading.Event().wait()
socket.getaddrinfo = stalled
"""


def silence(server: FakeServer) -> Act:
    """Take the request and answer nothing."""
    return _stopping(b"")(server)


def _stopping(start: bytes) -> Callable[[FakeServer], Act]:
    """Send a start and then nothing more."""

    def script(server: FakeServer) -> Act:
        def act(connection: socket.socket) -> None:
            connection.sendall(start)
            while not server.stopped(PATIENCE_SECONDS):
                pass

        return act

    return script


def _dripping(start: bytes, drop: bytes) -> Callable[[FakeServer], Act]:
    """Send a start, then a drop every 20 ms, so that no single read ever takes long."""

    def script(server: FakeServer) -> Act:
        def act(connection: socket.socket) -> None:
            connection.sendall(start)
            while not server.stopped(0.02):
                connection.sendall(drop)

        return act

    return script


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

# All the ways in which an answer can fail to end.
STALLS: Mapping[str, Callable[[FakeServer], Act]] = {
    "no answer": silence,
    "dripping headers": _dripping(_HEAD, b"X-More: 1\r\n"),
    "half a header": _stopping(_HEAD + b"X-"),
    "dripping body": _dripping(_HEAD + b"Content-Length: 1000000\r\n\r\n[", b" "),
    "dripping chunks": _dripping(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "half a body": _stopping(_HEAD + b"Content-Length: 20\r\n\r\n[1, 2"),
}


@contextlib.contextmanager
def taking(seconds: float) -> Iterator[None]:
    """Assert that what is done meanwhile ends when a deadline of so many seconds does, and never before.

    How long after depends on how busy the machine is, so the upper bound is one that only a hang breaks.
    """
    started = time.monotonic()
    yield
    taken = time.monotonic() - started
    assert seconds <= taken < PATIENCE_SECONDS


def unresolvable(name: str, *_: object, **__: object) -> NoReturn:
    """Stand in for a resolver, which knows no name and refuses what can be none."""
    name.encode("idna")
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


class MovedClock:
    """The clock of plexctl's deadlines; it stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """Listen on a port where no further connection is ever made: its queue is full, and nobody takes from it."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def site(directory: Path, code: str) -> dict[str, str]:
    """Return the environment in which a child interpreter runs this code before all else."""
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(directory)}
