"""A scripted signer behind a real gRPC server, for what a healthy one does not do."""

import contextlib
from collections.abc import Iterator
from concurrent import futures
from typing import Any, NamedTuple

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from plexctl.signing.v1 import signing_pb2 as messages
from plexctl.signing.v1.signing_pb2_grpc import SignerServiceServicer, add_SignerServiceServicer_to_server

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
    """Serve on a free port of every loopback name, in plain text unless credentials are given."""
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
