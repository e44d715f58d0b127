"""The signer: the gRPC service SignerService over the rules, listening on loopback only."""
# ruff: noqa: N802  the names of gRPC methods are the protocol's

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from plexctl.local import headers
from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.control.signing import keys, rotations, scopes
from plexctl.local.control.signing.key_cache import PublicKeyCache
from plexctl.local.plane_error import PlaneError
from plexctl.local.store import StorageError
from plexctl.signing.v1 import signing_pb2 as messages
from plexctl.signing.v1.signing_pb2_grpc import SignerServiceServicer, add_SignerServiceServicer_to_server

HOST = "127.0.0.1"
_THREADS = 8
_CHECK_SECONDS = 2
_LOG = logging.getLogger("plexctl.local.signer")

Answer = TypeVar("Answer")


class Signer(SignerServiceServicer):
    """The four RPCs; `wake` is called once the outbox has events for Nodes."""

    def __init__(self, control: Control, wake: Callable[[], None]) -> None:
        self._control = control
        self._wake = wake
        self._public_keys = PublicKeyCache(control)

    def OpenRotation(
        self, request: messages.OpenRotationRequest, context: grpc.ServicerContext
    ) -> messages.OpenRotationResponse:
        """Open the rotation of a scope's key."""

        def rule(caller: Principal) -> messages.OpenRotationResponse:
            transition = rotations.open_rotation(self._control, caller, request.scope, request.new_key_id)
            self._public_keys.forget(request.scope)
            self._wake()
            return messages.OpenRotationResponse(
                old_key_id=transition.old_key_id,
                new_key_id=transition.new_key_id,
                opened_at=_timestamp(transition.opened_at),
                closes_at=_timestamp(transition.closes_at),
            )

        return self._answer(context, "OpenRotation", rule)

    def CloseRotation(
        self, request: messages.CloseRotationRequest, context: grpc.ServicerContext
    ) -> messages.CloseRotationResponse:
        """Close the open rotation of a scope's key."""

        def rule(caller: Principal) -> messages.CloseRotationResponse:
            rotations.close_rotation(self._control, caller, request.scope, request.old_key_id, request.new_key_id)
            self._public_keys.forget(request.scope)
            return messages.CloseRotationResponse()

        return self._answer(context, "CloseRotation", rule)

    def Sign(self, request: messages.SignRequest, context: grpc.ServicerContext) -> messages.SignResponse:
        """Sign bytes with a scope's key."""

        def rule(caller: Principal) -> messages.SignResponse:
            signature, key_id = keys.sign(self._control, caller, request.scope, request.key_id, request.canonical_bytes)
            return messages.SignResponse(signature=signature, key_id=key_id)

        return self._answer(context, "Sign", rule)

    def PublicKey(
        self, request: messages.PublicKeyRequest, context: grpc.ServicerContext
    ) -> messages.PublicKeyResponse:
        """Return the public half of a scope's key."""

        def rule(caller: Principal) -> messages.PublicKeyResponse:
            key, cached = self._public_keys.read(caller, request.scope, request.key_id)
            state = f"KEY_STATE_{key.state.upper()}"
            return messages.PublicKeyResponse(public_key=key.octets, state=state, cached=cached)

        return self._answer(context, "PublicKey", rule)

    def _answer(self, context: grpc.ServicerContext, method: str, rule: Callable[[Principal], Answer]) -> Answer:
        """Apply a rule for the caller that the metadata names, and log one line per call."""
        metadata: dict[str, Any] = dict(context.invocation_metadata())
        line = {"request_id": headers.request_id(metadata.get("x-request-id", "")), "method": method, "status": "OK"}
        context.send_initial_metadata((("x-request-id", line["request_id"]),))
        context.set_trailing_metadata((("x-request-id", line["request_id"]),))
        started = time.perf_counter()
        try:
            caller = scopes.authenticate(self._control, headers.bearer(metadata.get("authorization", "")))
            return rule(caller)
        except Exception as error:  # noqa: BLE001  every error is answered here; grpc would send its text to the caller
            status, details = _translate(error, line["request_id"])
            line["status"] = status.name
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 3)
            _LOG.info("call", extra={"fields": {**line, "milliseconds": milliseconds}})
        return context.abort(status, details)


def start_signer(control: Control, port: int, wake: Callable[[], None]) -> tuple[grpc.Server, int]:
    """Serve on loopback; return the server and its port, which the system chooses if `port` is 0.

    Raises: PlaneError if it cannot listen on the port.
    """
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, thread_name_prefix="signer"),
        options=[("grpc.so_reuseport", 0)],  # otherwise two planes could share a port, and with it their calls
    )
    add_SignerServiceServicer_to_server(Signer(control, wake), server)  # type: ignore[no-untyped-call]  # generated
    try:
        port = server.add_insecure_port(f"{HOST}:{port}")
    except RuntimeError:
        detail = f"the signer cannot listen on {HOST}:{port}"
        raise PlaneError(
            "Plane Not Started", detail, "choose another with --signer-port; 0 means any free port"
        ) from None
    server.start()
    control.health.add("signer", lambda: _check(port))
    return server, port


def _check(port: int) -> str:
    """Call a method that there is not, which a signer that works refuses as such.

    Raises: RuntimeError.
    """
    options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(f"{HOST}:{port}", options) as channel:
        call = channel.unary_unary("/signing.v1.SignerService/Check", bytes, bytes)
        status = call.future(b"", timeout=_CHECK_SECONDS).code()
    if status is not grpc.StatusCode.UNIMPLEMENTED:
        raise RuntimeError(f"the signer does not answer: {status.name}")
    return "the signer answers"


def _translate(error: Exception, request_id: str) -> tuple[grpc.StatusCode, str]:
    if isinstance(error, Refusal) and error.reason.grpc_status:
        return grpc.StatusCode[error.reason.grpc_status], error.detail
    if isinstance(error, StorageError):
        _LOG.error("storage", extra={"fields": {"request_id": request_id, "reason": str(error)}})
        return grpc.StatusCode.UNAVAILABLE, reasons.SIGNING_KEY_PROVIDER_UNAVAILABLE.detail
    _LOG.error("malfunction", exc_info=error, extra={"fields": {"request_id": request_id}})
    return grpc.StatusCode.INTERNAL, "signing: internal error; the plane's log has the reason under the request id"


def _timestamp(microseconds: int) -> Timestamp:
    seconds, fraction = divmod(microseconds, MICROSECONDS_PER_SECOND)
    return Timestamp(seconds=seconds, nanos=fraction * 1000)
