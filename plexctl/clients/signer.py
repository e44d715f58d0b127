"""The signer's gRPC surface: one call, never retried, under one deadline."""

import time
from typing import TYPE_CHECKING, Any

from plexctl.clients.call_options import Attempt, CallOptions
from plexctl.clients.deadline import Deadline, DeadlineExceeded
from plexctl.clients.grpc_channel import (
    Endpoint,
    context_of,
    load_grpc,
    load_messages,
    open_channel,
    proxy_of,
    try_connection,
)
from plexctl.clients.unreachable import unreachable
from plexctl.failures import Failure, Kind, grpc_kind
from plexctl.identifiers import uuid7
from plexctl.payload import Payload, own_payload
from plexctl.settings.tls import ClientTls

if TYPE_CHECKING:
    import grpc
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp

    from plexctl.wire import ClosedRotation, OpenedRotation

_SERVICE = "signing.v1.SignerService"

_LONGEST_SECONDS = 10**9  # gRPC's clock overflows on the longest durations that --timeout takes

# gRPC counts the same deadline, and says this where its timer beats plexctl's own by a hair.
_ITS_OWN_TIMER = "Deadline Exceeded"


class Signer:
    """The signer at one host and port. Without `tls` the channel is plain text; the bearer may be None."""

    def __init__(self, host: str, port: int, tls: ClientTls | None, bearer: str | None, options: CallOptions) -> None:
        self._endpoint = Endpoint(host, port, tls)
        self._bearer = bearer
        self._options = options

    def open_rotation(self, scope: str, new_key_id: str) -> "Payload[OpenedRotation]":
        """Open a rotation and return its window. Raises: Failure."""
        from plexctl.wire import OpenedRotation

        request = load_messages().OpenRotationRequest(scope=scope, new_key_id=new_key_id)
        answer, request_id = self._call("OpenRotation", request)
        document = {
            "scope": scope,
            "old_key_id": _text(answer, "old_key_id", request_id),
            "new_key_id": _text(answer, "new_key_id", request_id),
            "opened_at": _instant(answer, "opened_at", request_id),
            "closes_at": _instant(answer, "closes_at", request_id),
        }
        return own_payload(document, OpenedRotation(**document))

    def close_rotation(self, scope: str, old_key_id: str, new_key_id: str) -> "Payload[ClosedRotation]":
        """Close a rotation; the answer is empty, so the ids asked for are echoed. Raises: Failure."""
        from plexctl.wire import ClosedRotation

        request = load_messages().CloseRotationRequest(scope=scope, old_key_id=old_key_id, new_key_id=new_key_id)
        self._call("CloseRotation", request)
        document = {"scope": scope, "old_key_id": old_key_id, "new_key_id": new_key_id}
        return own_payload(document, ClosedRotation(**document))

    def _call(self, method: str, request: "Message") -> tuple[Any, str]:
        """Return the answer, whose type the method decides, and the request's id.

        Raises: Failure.
        """
        request_id = uuid7()
        started, outcome = time.monotonic(), "interrupted"
        try:
            answer = self._answer(method, request, request_id)
            outcome = "OK"
        except Failure as failure:
            outcome = failure.grpc_status or failure.title
            raise
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            url = f"grpc://{self._endpoint.authority}/{_SERVICE}/{method}"
            self._options.observe(Attempt(method, url, outcome, milliseconds, request_id))
        if answer is None:
            raise _malformed("without a message", request_id)
        return answer, request_id

    def _answer(self, method: str, request: "Message", request_id: str) -> Any:  # noqa: ANN401  a generated message
        proxy = proxy_of(self._endpoint, self._options)
        context = context_of(self._endpoint, self._options)
        deadline = Deadline(self._options.timeout_seconds)
        try:
            target = deadline.run(lambda: try_connection(self._endpoint, proxy, context))
            channel = open_channel(target, self._endpoint, proxy, self._options)
            try:
                return deadline.run(lambda: self._attempt(channel, method, request, request_id, deadline))
            finally:
                channel.close()
        except DeadlineExceeded:
            raise self._overdue(request_id) from None
        except OSError as error:
            raise unreachable(f"{self._endpoint.authority}", error, request_id, grpc_status="UNAVAILABLE") from error

    def _attempt(
        self, channel: "grpc.Channel", method: str, request: "Message", request_id: str, deadline: Deadline
    ) -> Any:  # noqa: ANN401  a generated message
        metadata = [("x-request-id", request_id)]
        if self._bearer:
            metadata.append(("authorization", f"Bearer {self._bearer}"))
        # undecoded, since gRPC would report what is no message as an error of its own
        call = channel.unary_unary(f"/{_SERVICE}/{method}", type(request).SerializeToString, bytes)
        try:
            answer = call(request, timeout=min(deadline.remaining(), _LONGEST_SECONDS), metadata=tuple(metadata))
        except load_grpc().RpcError as error:
            status, details = error.code().name, error.details() or ""
            if (status, details) == ("DEADLINE_EXCEEDED", _ITS_OWN_TIMER):
                raise DeadlineExceeded from None
            raise _failure(status, details, request_id) from error
        return None if answer is None else _decoded(answer, f"{method}Response", request_id)

    def _overdue(self, request_id: str) -> Failure:
        seconds = self._options.timeout_seconds
        detail = f"{self._endpoint.authority} did not finish its response within {seconds:g}s (--timeout)"
        return _failure("DEADLINE_EXCEEDED", detail, request_id)


def _decoded(answer: bytes, message: str, request_id: str) -> Any:  # noqa: ANN401  a generated message
    from google.protobuf.message import DecodeError

    try:
        return getattr(load_messages(), message).FromString(answer)
    except DecodeError:
        raise _malformed(f"with bytes that are no {message}", request_id) from None


def _text(answer: Any, name: str, request_id: str) -> str:  # noqa: ANN401  a generated message
    value: str = getattr(answer, name)
    if not value:
        raise _malformed(f"without {name}", request_id)
    return value


def _instant(answer: Any, name: str, request_id: str) -> str:  # noqa: ANN401  a generated message
    moment: Timestamp = getattr(answer, name)
    try:
        if answer.HasField(name):
            return moment.ToJsonString()
    except ValueError:
        pass
    raise _malformed(f"without a valid time as {name}", request_id)


def _malformed(flaw: str, request_id: str) -> Failure:
    detail = f"the signer answered success, but {flaw}"
    return Failure(Kind.MALFORMED, "Malformed Answer", detail, grpc_status="OK", request_id=request_id)


def _failure(name: str, details: str, request_id: str) -> Failure:
    title = name.replace("_", " ").title()
    return Failure(grpc_kind(name), title, details, grpc_status=name, request_id=request_id)
