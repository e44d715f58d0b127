"""What keeps a caller waiting, and how the wait is measured.

The acts are for the scripted server; each lasts until the test is over.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.fake_server import Act, FakeServer

TOLERANCE = 0.1  # the share of a deadline by which it may be missed
ATTEMPTS = 5  # another process may take the processor just then; the best measurement counts

# Loaded by a child interpreter before plexctl: a resolver that tells when it was asked, and never answers.
STALLED_RESOLVER = """
import os, socket, time
def stalled(*_, **__):
    with open(os.environ["ASKED"], "w") as asked:
        asked.write(str(time.monotonic()))
    time.sleep(60)
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
            while not server.stopped(60):
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


def assert_kept(deadline: float, measure: Callable[[], float]) -> None:
    """Assert that something took as long as its deadline, within 10 %."""
    taken = []
    for _ in range(ATTEMPTS):
        taken.append(measure())
        if abs(taken[-1] - deadline) <= TOLERANCE * deadline:
            return
    raise AssertionError(f"a deadline of {deadline} s took {taken}")


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
