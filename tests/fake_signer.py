"""A scripted signer behind a real gRPC server, for what a healthy one does not do."""

import contextlib
import socket
from collections.abc import Iterator
from concurrent import futures
from typing import Any, NamedTuple

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from plexctl.signing.v1 import signing_pb2 as messages
from plexctl.signing.v1.signing_pb2_grpc import SignerServiceServicer, add_SignerServiceServicer_to_server
from tests.fake_server import FakeServer, receive

OPENED = messages.OpenRotationResponse(
    old_key_id="k1", new_key_id="k2", opened_at=Timestamp(seconds=1), closes_at=Timestamp(seconds=86401, nanos=5)
)


class Call(NamedTuple):
    method: str
    request: Any
    metadata: dict[str, str]


class FakeSigner(SignerServiceServicer):
    """Answers with a status and details, or with `opened` and an empty message; `calls` records what arrived."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.port = 0  # while it is served
        self.status = grpc.StatusCode.OK
        self.details = ""
        self.opened = OPENED

    def OpenRotation(self, request, context):  # noqa: N802  the service's own name
        return self._answer("OpenRotation", request, context, self.opened)

    def CloseRotation(self, request, context):  # noqa: N802  the service's own name
        return self._answer("CloseRotation", request, context, messages.CloseRotationResponse())

    def _answer(self, method, request, context, message):
        self.calls.append(Call(method, request, dict(context.invocation_metadata())))
        context.set_code(self.status)
        context.set_details(self.details)
        return message


@contextlib.contextmanager
def serving(signer: FakeSigner, credentials: grpc.ServerCredentials | None = None) -> Iterator[int]:
    """Serve on a free port of 127.0.0.1, in plain text unless credentials are given."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    add_SignerServiceServicer_to_server(signer, server)
    if credentials:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


def going_away(server: FakeServer) -> list[int]:
    """Have a server speak just enough HTTP/2 to disown each call, as one that restarts does: a client may try again.

    Returns the list of the calls' streams, which fills as they come.
    """
    streams: list[int] = []

    def act(connection: socket.socket) -> None:
        received = bytearray(server.requests[-1].body)

        def take(count: int) -> bytes:
            while len(received) < count:
                received.extend(receive(connection))
            taken = bytes(received[:count])
            del received[:count]
            return taken

        connection.sendall(_frame(_SETTINGS))
        take(len("SM\r\n\r\n"))  # how the preface ends, whose start looks like a request of HTTP/1
        while True:
            head = take(9)
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:])
            take(int.from_bytes(head[:3]))
            if kind == _SETTINGS and not flags & _ACKNOWLEDGED:
                connection.sendall(_frame(_SETTINGS, _ACKNOWLEDGED))
            if kind == _HEADERS:
                streams.append(stream)
                connection.sendall(_frame(_GOAWAY, 0, bytes(8)))  # the last stream that is worked on is 0: none

    server.play(act)
    return streams


_HEADERS, _SETTINGS, _GOAWAY = 1, 4, 7
_ACKNOWLEDGED = 1


def _frame(kind: int, flags: int = 0, payload: bytes = b"") -> bytes:
    """Write a frame of the connection as a whole, which is stream 0."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + bytes(4) + payload
