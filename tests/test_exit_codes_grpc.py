"""The exit codes of gRPC, tried as a matrix: each of the 17 statuses, in every format."""

import grpc
import pytest

from plexctl.failures import EXIT_CODES, grpc_kind
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_signer import FakeSigner, serving
from tests.samples import FORMATS, SIGNING_CLOSE, SIGNING_ROTATE

# The contract's rows; every other status is 1.
ROWS = {"INVALID_ARGUMENT": 2, "OUT_OF_RANGE": 2, "NOT_FOUND": 4, "UNAUTHENTICATED": 77, "PERMISSION_DENIED": 77}
# Every other status is of the kind unavailable.
KIND_OF = {
    **dict.fromkeys(("INVALID_ARGUMENT", "OUT_OF_RANGE"), "refused"),
    **dict.fromkeys(("UNAUTHENTICATED", "PERMISSION_DENIED"), "denied"),
    **dict.fromkeys(("FAILED_PRECONDITION", "ALREADY_EXISTS", "ABORTED"), "conflict"),
    "NOT_FOUND": "not_found",
    "RESOURCE_EXHAUSTED": "rate_limited",
    "DEADLINE_EXCEEDED": "timeout",
}


@pytest.fixture(scope="module")
def signer():
    signer = FakeSigner()
    with serving(signer) as signer.port:
        yield signer


@each("output", FORMATS)
@each("line", [SIGNING_ROTATE, SIGNING_CLOSE])
@each("status", list(grpc.StatusCode))
def test_every_grpc_status(plexctl, signer, status, line, output):
    signer.status, signer.details = status, "signing: what it says"
    outcome = plexctl(f"{line} -o {output} --signer-endpoint 127.0.0.1:{signer.port}")
    if status is grpc.StatusCode.OK:
        assert (outcome.code, outcome.stderr) == (0, "")
        assert outcome.stdout
        return
    error = assert_failed(outcome, output, ROWS.get(status.name, 1))
    if error:
        assert (error["grpc_status"], error["status"], error["code"]) == (status.name, None, None)
        assert error["kind"] == KIND_OF.get(status.name, "unavailable")
        assert error["detail"] == "signing: what it says"
    else:
        assert f": signing: what it says ({status.name}, request " in outcome.stderr


def test_the_table_is_total():
    assert len(grpc.StatusCode) == 17
    for status in grpc.StatusCode:
        if status is not grpc.StatusCode.OK:
            assert EXIT_CODES[grpc_kind(status.name)] == ROWS.get(status.name, 1)
