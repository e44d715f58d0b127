"""What a case of a hostile HTTP server is, and what its acts are made of."""

import contextlib
import json
import socket
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.fake_server import Act
from tests.long_mode import pick
from tests.samples import EMPTY_PAGE, FORMATS, LIST

DROP_SECONDS = 0.02
STALL_TIMEOUT = "50ms"

JSON = b"Content-Type: application/json\r\n"
OK = b"HTTP/1.1 200 OK\r\n" + JSON
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
EMPTY = json.dumps(EMPTY_PAGE).encode()


class Case(NamedTuple):
    """A server's acts, one per connection, and the error's kind, None where the response is good enough to be used."""

    acts: Sequence[Act]
    kind: str | None = None
    status: int | None = None
    line: str = LIST
    code: int = 1
    timeout: str = "60s"


def in_turn(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pair cases whose texts are shown with the forms in turn, or with every form."""
    return [
        (name, output)
        for number, name in enumerate(names)
        for output in pick((FORMATS[number % len(FORMATS)],), FORMATS)
    ]


def in_forms(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pair cases in which no text of the server's is shown with json, which says most, and a part with every form."""
    return [
        (name, output)
        for number, name in enumerate(names)
        for output in pick(FORMATS if number % 4 == 0 else ["json"], FORMATS)
    ]


def used(*acts: Act, line: str = LIST) -> Case:
    """Expect success."""
    return Case(acts, None, None, line, 0)


def malformed(*acts: Act, status: int | None = None, line: str = LIST) -> Case:
    """Expect the kind malformed: bytes came, and are not HTTP or not what the API describes."""
    return Case(acts, "malformed", status, line)


def unavailable(*acts: Act, status: int | None = None, line: str = LIST) -> Case:
    """Expect the kind unavailable: the connection ended too early, or the status has no row of its own."""
    return Case(acts, "unavailable", status, line)


def overdue(*acts: Act) -> Case:
    """Expect that the deadline ends the wait for a response that does not."""
    return Case(acts, "timeout", timeout=STALL_TIMEOUT)


def sized(body: bytes, head: bytes = OK) -> bytes:
    """Write a response with its length."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def stall(start: bytes) -> Act:
    """Send a start, then nothing until the client has gone."""

    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        while connection.recv(4096):
            pass

    return act


def drip(start: bytes, drop: bytes) -> Act:
    """Send a start, then a drop every 20 ms until the client has gone."""

    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.settimeout(DROP_SECONDS)
        received = b"more"
        while received:
            connection.sendall(drop)
            with contextlib.suppress(TimeoutError):
                received = connection.recv(4096)

    return act


def pour(start: bytes, piece: bytes) -> Act:
    """Send a start, then the same piece as fast as it is taken, without end."""

    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)

    return act


def reset(start: bytes) -> Act:
    """Send a start, then end the connection by RST."""

    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return act


def half_close(start: bytes) -> Act:
    """Send a start and FIN, and wait for the client to close its half."""

    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass

    return act


def keep_alive(*answers: bytes, end: Act = b"") -> Act:
    """Answer one request after the other on one connection; `end` is played once a further one has come."""

    def act(connection: socket.socket) -> None:
        for answer in answers:
            connection.sendall(answer)
            _next_request(connection)
        if callable(end):
            end(connection)
        else:
            connection.sendall(end)

    return act


def _next_request(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError
        received += piece
