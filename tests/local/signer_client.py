"""The signer as a caller sees it."""

from contextlib import contextmanager

import grpc
import pytest

from plexctl.local.signer import start_signer
from plexctl.signing.v1 import signing_pb2 as messages
from plexctl.signing.v1.signing_pb2_grpc import SignerServiceStub
from tests.waiting import PATIENCE_SECONDS


class SignerClient:
    """A signer on a free port, and calls to it as the admin unless another bearer is given."""

    def __init__(self, control, bearer: str) -> None:
        self.bearer = bearer
        self.wakes = 0
        self.server, self.port = start_signer(control, 0, self._wake)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self._stub = SignerServiceStub(self._channel)

    def close(self) -> None:
        self._channel.close()
        self.server.stop(None).wait()

    def open(self, scope, new_key_id, **options):
        return self._call("OpenRotation", messages.OpenRotationRequest(scope=scope, new_key_id=new_key_id), **options)

    def shut(self, scope, old_key_id, new_key_id, **options):
        request = messages.CloseRotationRequest(scope=scope, old_key_id=old_key_id, new_key_id=new_key_id)
        return self._call("CloseRotation", request, **options)

    def sign(self, scope, key_id="", canonical_bytes=b"an event", **options):
        request = messages.SignRequest(scope=scope, key_id=key_id, canonical_bytes=canonical_bytes)
        return self._call("Sign", request, **options)

    def public_key(self, scope, key_id, **options):
        return self._call("PublicKey", messages.PublicKeyRequest(scope=scope, key_id=key_id), **options)

    def state(self, scope, key_id) -> str:
        return messages.KeyState.Name(self.public_key(scope, key_id).state).removeprefix("KEY_STATE_").lower()

    def with_call(self, method, request, metadata):
        return getattr(self._stub, method).with_call(request, metadata=metadata, timeout=PATIENCE_SECONDS)

    def _call(self, method, request, bearer="admin"):
        metadata = (
            () if bearer is None else (("authorization", f"Bearer {bearer if bearer != 'admin' else self.bearer}"),)
        )
        return getattr(self._stub, method)(request, metadata=metadata, timeout=PATIENCE_SECONDS)

    def _wake(self) -> None:
        self.wakes += 1


@contextmanager
def refused(status: str, details: str):
    """Expect a gRPC status, byte for byte."""
    with pytest.raises(grpc.RpcError) as caught:
        yield caught
    assert (caught.value.code().name, caught.value.details()) == (status, details)
