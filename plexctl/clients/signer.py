"""The signer's gRPC surface: one call, never retried, under one deadline."""

import logging
import os
import time
from typing import TYPE_CHECKING, Any

from plexctl.clients.call_options import Attempt, CallOptions
from plexctl.clients.deadline import Deadline, DeadlineExceeded
from plexctl.failures import Failure, Kind, grpc_kind
from plexctl.grammar import is_loopback
from plexctl.identifiers import uuid7
from plexctl.payload import Payload, own_payload
from plexctl.settings.environment import TrustStore
from plexctl.settings.signer_tls import SignerTls
from plexctl.version import VERSION

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

    def __init__(self, host: str, port: int, tls: SignerTls | None, bearer: str | None, options: CallOptions) -> None:
        self._host = host
        self._target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._tls = tls
        self._bearer = bearer
        self._options = options

    def open_rotation(self, scope: str, new_key_id: str) -> "Payload[OpenedRotation]":
        """Open a rotation and return its window. Raises: Failure."""
        from plexctl.signing.v1.signing_pb2 import OpenRotationRequest
        from plexctl.wire import OpenedRotation

        answer, request_id = self._call("OpenRotation", OpenRotationRequest(scope=scope, new_key_id=new_key_id))
        document = {
            "scope": scope,
            "old_key_id": answer.old_key_id,
            "new_key_id": answer.new_key_id,
            "opened_at": _instant(answer, "opened_at", request_id),
            "closes_at": _instant(answer, "closes_at", request_id),
        }
        return own_payload(document, OpenedRotation(**document))

    def close_rotation(self, scope: str, old_key_id: str, new_key_id: str) -> "Payload[ClosedRotation]":
        """Close a rotation; the answer is empty, so the ids asked for are echoed. Raises: Failure."""
        from plexctl.signing.v1.signing_pb2 import CloseRotationRequest
        from plexctl.wire import ClosedRotation

        request = CloseRotationRequest(scope=scope, old_key_id=old_key_id, new_key_id=new_key_id)
        self._call("CloseRotation", request)
        document = {"scope": scope, "old_key_id": old_key_id, "new_key_id": new_key_id}
        return own_payload(document, ClosedRotation(**document))

    def _call(self, method: str, request: "Message") -> tuple[Any, str]:
        """Return the answer, whose type the method decides, and the request's id. Raises Failure."""
        channel = self._channel()
        request_id = uuid7()
        started, outcome = time.monotonic(), "interrupted"
        try:
            answer = self._attempt(channel, method, request, request_id)
            outcome = "OK"
        except Failure as failure:
            outcome = failure.grpc_status or failure.title
            raise
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            self._options.observe(
                Attempt(method, f"grpc://{self._target}/{_SERVICE}/{method}", outcome, milliseconds, request_id)
            )
        channel.close()
        return answer, request_id

    def _attempt(self, channel: "grpc.Channel", method: str, request: "Message", request_id: str) -> Any:  # noqa: ANN401  as above
        grpc = _load_grpc()
        from plexctl.signing.v1.signing_pb2_grpc import SignerServiceStub

        metadata = [("x-request-id", request_id)]
        if self._bearer:
            metadata.append(("authorization", f"Bearer {self._bearer}"))
        call = getattr(SignerServiceStub(channel), method)  # type: ignore[no-untyped-call]  # generated
        deadline = Deadline(self._options.timeout_seconds)
        try:
            seconds = min(deadline.remaining(), _LONGEST_SECONDS)
            return deadline.run(lambda: call(request, timeout=seconds, metadata=metadata))
        except DeadlineExceeded:
            raise self._overdue(request_id) from None
        except grpc.RpcError as error:
            status, details = error.code().name, error.details() or ""
            if (status, details) == ("DEADLINE_EXCEEDED", _ITS_OWN_TIMER):
                raise self._overdue(request_id) from None
            raise _failure(status, details, request_id) from error

    def _overdue(self, request_id: str) -> Failure:
        detail = f"{self._target} gave no answer within {self._options.timeout_seconds:g}s (--timeout)"
        return _failure("DEADLINE_EXCEEDED", detail, request_id)

    def _channel(self) -> "grpc.Channel":
        grpc = _load_grpc()
        proxy = None
        if not is_loopback(self._host):
            from plexctl.clients.proxies import grpc_proxy

            proxy = grpc_proxy(self._host)
        options: list[tuple[str, int | str]] = [
            ("grpc.primary_user_agent", f"plexctl/{VERSION}"),
            ("grpc.enable_retries", 0),
            ("grpc.service_config_disable_resolution", 1),
            ("grpc.enable_http_proxy", 1 if proxy else 0),
        ]
        if proxy:
            options.append(("grpc.http_proxy", proxy))
        if self._tls is None:
            return grpc.insecure_channel(self._target, options)  # type: ignore[no-any-return]  # loaded late, so untyped
        return grpc.secure_channel(self._target, _credentials(self._tls, self._options.trust_store), options)  # type: ignore[no-any-return]  # as above


def _load_grpc() -> Any:  # noqa: ANN401  the module itself
    # read when the library is loaded: without it, grpc writes log lines of its own on stderr
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    logger = logging.getLogger("grpc")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    import grpc

    return grpc


def _credentials(tls: SignerTls, store: TrustStore) -> "grpc.ChannelCredentials":
    from plexctl.clients.trust import read_authorities, read_key_pair, root_certificates

    trusted = read_authorities("--signer-ca-file", tls.ca_file) if tls.ca_file else root_certificates(store)
    certificate = key = None
    if tls.cert_file and tls.key_file:
        certificate, key = read_key_pair(tls.cert_file, tls.key_file)
    return _load_grpc().ssl_channel_credentials(  # type: ignore[no-any-return]  # as above
        root_certificates=trusted, private_key=key, certificate_chain=certificate
    )


def _instant(answer: Any, name: str, request_id: str) -> str:  # noqa: ANN401  a generated message
    moment: Timestamp = getattr(answer, name)
    try:
        if answer.HasField(name):
            return moment.ToJsonString()
    except ValueError:
        pass
    detail = f"the signer answered success, but without a valid time as {name}"
    raise Failure(Kind.MALFORMED, "Malformed Answer", detail, request_id=request_id)


def _failure(name: str, details: str, request_id: str) -> Failure:
    title = name.replace("_", " ").title()
    return Failure(grpc_kind(name), title, details, grpc_status=name, request_id=request_id)
