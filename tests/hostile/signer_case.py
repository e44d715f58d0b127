"""What a case of a hostile signer is, and what its acts are made of."""

import socket
from typing import NamedTuple

from tests.fake_signer import OPENED
from tests.hostile import http2
from tests.hostile.case import STALL_TIMEOUT
from tests.hostile.http2 import Act, data, headers, message, settings
from tests.hostile.texts import ACTING

MEGABYTE = 1 << 20
READY = settings()
HEAD = [(b":status", b"200"), (b"content-type", b"application/grpc")]
OPENING = headers(HEAD)
BODY = OPENED.SerializeToString()
ANSWER = data(message(BODY))
LOST = "unavailable", "timeout"
LARGE = None, "rate_limited"  # gRPC refuses large metadata at random, unless they are much too large
ESCAPED = "".join(f"%{byte:02X}" for byte in ACTING.encode()).encode()


class Case(NamedTuple):
    """What a signer does, the kinds that plexctl may give it, and the exit code; None stands for success."""

    act: Act
    kinds: tuple[str | None, ...]
    code: int = 1
    timeout: str = "20s"


def at_once(start: bytes) -> Act:
    """Send something before any request has come."""

    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        http2.drain(connection)

    return act


def after_request(answer: bytes, *, close: bool = False, greeting: bytes = READY) -> Act:
    """Greet, wait for the request, answer it, and wait for the client to go, or go first."""

    def act(connection: socket.socket) -> None:
        connection.sendall(greeting)
        http2.wait_for_request(connection)
        connection.sendall(answer)
        if not close:
            http2.drain(connection)

    return act


def without_end(piece: bytes, start: bytes = b"") -> Act:
    """Greet, wait for the request, then send the same piece as fast as it is taken."""

    def act(connection: socket.socket) -> None:
        connection.sendall(READY)
        http2.wait_for_request(connection)
        connection.sendall(start)
        while True:
            connection.sendall(piece)

    return act


def with_metadata(*fields: tuple[bytes, bytes]) -> Act:
    return after_request(headers([*HEAD, *fields]) + ANSWER + ended(b"0"))


def ended(status: bytes, said: bytes = b"", *more: tuple[bytes, bytes]) -> bytes:
    """Write trailers."""
    return headers([(b"grpc-status", status), (b"grpc-message", said), *more], end=True)


def only_trailers(*fields: tuple[bytes, bytes]) -> Act:
    return after_request(headers([*HEAD, *fields], end=True))


def whole(*messages: bytes, head: bytes = OPENING, status: bytes = b"0") -> Act:
    return after_request(head + b"".join(map(data, messages)) + ended(status))


def broken(act: Act) -> Case:
    return Case(act, LOST, timeout="200ms")


def used(act: Act) -> Case:
    return Case(act, (None,))


def overdue(act: Act) -> Case:
    return Case(act, ("timeout",), timeout=STALL_TIMEOUT)


def failed(act: Act, kind: str = "unavailable", code: int = 1) -> Case:
    return Case(act, (kind,), code)
