"""The client of the signer's gRPC service: one call per operation, never retried, with one deadline."""

import time
from typing import TYPE_CHECKING, Any

from plexctl.clients.call_options import Attempt, CallOptions
from plexctl.clients.deadline import Deadline, DeadlineExceededError
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
from plexctl.grammar import spell_seconds
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

# The details with which gRPC's own timer reports that the same deadline has passed.
_GRPC_TIMER_DETAILS = "Deadline Exceeded"


class SignerClient:
    """The signer at one host and port. Without `tls` the channel is plain text; the bearer may be None."""

    def __init__(self, host: str, port: int, tls: ClientTls | None, bearer: str | None, options: CallOptions) -> None:
        self._endpoint = Endpoint(host, port, tls)
        self._bearer = bearer
        self._options = options

    def open_rotation(self, scope: str, new_key_id: str) -> "Payload[OpenedRotation]":
        """Open a rotation and return its two keys and its overlap window.

        Raises: Failure.
        """
        from plexctl.wire import OpenedRotation

        request = load_messages().OpenRotationRequest(scope=scope, new_key_id=new_key_id)
        response, request_id = self._call("OpenRotation", request)
        document = {
            "scope": scope,
            "old_key_id": _text(response, "old_key_id", request_id),
            "new_key_id": _text(response, "new_key_id", request_id),
            "opened_at": _instant(response, "opened_at", request_id),
            "closes_at": _instant(response, "closes_at", request_id),
        }
        return own_payload(document, OpenedRotation(**document))

    def close_rotation(self, scope: str, old_key_id: str, new_key_id: str) -> "Payload[ClosedRotation]":
        """Close a rotation and return the ids given, since the response is empty.

        Raises: Failure.
        """
        from plexctl.wire import ClosedRotation

        request = load_messages().CloseRotationRequest(scope=scope, old_key_id=old_key_id, new_key_id=new_key_id)
        self._call("CloseRotation", request)
        document = {"scope": scope, "old_key_id": old_key_id, "new_key_id": new_key_id}
        return own_payload(document, ClosedRotation(**document))

    def _call(self, method: str, request: "Message") -> tuple[Any, str]:
        """Return the response message, whose type depends on the method, and the request id.

        Raises: Failure.
        """
        request_id = uuid7()
        started, outcome = time.monotonic(), "interrupted"
        try:
            response = self._send(method, request, request_id)
            outcome = "OK"
        except Failure as failure:
            outcome = failure.grpc_status or failure.title
            raise
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            url = f"grpc://{self._endpoint.authority}/{_SERVICE}/{method}"
            self._options.observe(Attempt(method, url, outcome, milliseconds, request_id))
        if response is None:
            raise _malformed("its response has no message", request_id)
        return response, request_id

    def _send(self, method: str, request: "Message", request_id: str) -> Any:  # noqa: ANN401  a generated message
        proxy = proxy_of(self._endpoint, self._options)
        context = context_of(self._endpoint, self._options)
        deadline = self._options.start_deadline()
        try:
            target = deadline.run(lambda: try_connection(self._endpoint, proxy, context))
            channel = open_channel(target, self._endpoint, proxy, self._options)
            try:
                return deadline.run(lambda: self._attempt(channel, method, request, request_id, deadline))
            finally:
                channel.close()
        except DeadlineExceededError:
            raise self._overdue(request_id) from None
        except OSError as error:
            raise unreachable(self._endpoint.authority, proxy, error, request_id, grpc_status="UNAVAILABLE") from error

    def _attempt(
        self, channel: "grpc.Channel", method: str, request: "Message", request_id: str, deadline: Deadline
    ) -> Any:  # noqa: ANN401  a generated message
        metadata = [("x-request-id", request_id)]
        if self._bearer:
            metadata.append(("authorization", f"Bearer {self._bearer}"))
        # undecoded, since gRPC would report an invalid message as an error of its own
        call = channel.unary_unary(f"/{_SERVICE}/{method}", type(request).SerializeToString, bytes)
        try:
            answer = call(request, timeout=min(deadline.remaining(), _LONGEST_SECONDS), metadata=tuple(metadata))
        except load_grpc().RpcError as error:
            status, details = error.code().name, error.details() or ""
            if (status, details) == ("DEADLINE_EXCEEDED", _GRPC_TIMER_DETAILS):
                raise DeadlineExceededError from None
            raise _failure(status, details, request_id) from error
        return None if answer is None else _decoded(answer, f"{method}Response", request_id)

    def _overdue(self, request_id: str) -> Failure:
        within = spell_seconds(self._options.timeout_seconds)
        detail = f"{self._endpoint.authority} did not finish its response within {within} (--timeout)"
        return _failure("DEADLINE_EXCEEDED", detail, request_id)


def _decoded(answer: bytes, message: str, request_id: str) -> Any:  # noqa: ANN401  a generated message
    from google.protobuf.message import DecodeError

    try:
        return getattr(load_messages(), message).FromString(answer)
    except DecodeError:
        raise _malformed(f"its response is not a {message}", request_id) from None


def _text(response: Any, name: str, request_id: str) -> str:  # noqa: ANN401  a generated message
    value: str = getattr(response, name)
    if not value:
        raise _malformed(f"its response has no {name}", request_id)
    return value


def _instant(response: Any, name: str, request_id: str) -> str:  # noqa: ANN401  a generated message
    moment: Timestamp = getattr(response, name)
    try:
        if response.HasField(name):
            return moment.ToJsonString()
    except ValueError:
        pass
    raise _malformed(f"its response has no valid time as {name}", request_id)


def _malformed(flaw: str, request_id: str) -> Failure:
    detail = f"the signer reported success, but {flaw}"
    return Failure(Kind.MALFORMED, "Malformed Response", detail, grpc_status="OK", request_id=request_id)


def _failure(name: str, details: str, request_id: str) -> Failure:
    title = name.replace("_", " ").title()
    return Failure(grpc_kind(name), title, details, grpc_status=name, request_id=request_id)
