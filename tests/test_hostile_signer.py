"""A hostile signer gets one error of the right kind, in time, and nothing else."""

import time

import pytest

from tests.certificates import Certificates
from tests.each import each
from tests.failure_checks import assert_failed
from tests.hostile import http2, signer_answers, signer_connections
from tests.hostile.case import in_forms, in_turn
from tests.hostile.checks import TOKEN, assert_safe
from tests.samples import FORMATS, SIGNING_ROTATE
from tests.waiting import PATIENCE_SECONDS

CASES = {**signer_connections.CASES, **signer_answers.CASES}
SHOWN = [name for name, case in CASES.items() if "timeout" not in case.kinds]  # those that come to an answer


@each(("name", "output"), [*in_turn(SHOWN), *in_forms(name for name in CASES if name not in SHOWN)])
def test_a_hostile_signer_gets_one_error(plexctl, name, output):
    case = CASES[name]
    with http2.serving(case.act) as endpoint:
        started = time.monotonic()
        line = f"{SIGNING_ROTATE} -o {output} --signer-endpoint {endpoint} --timeout {case.timeout}"
        outcome = plexctl(line, PLEXSPHERE_TOKEN=TOKEN)
        taken = time.monotonic() - started
    assert taken < PATIENCE_SECONDS
    assert_safe(outcome)
    if outcome.code == 0:
        assert None in case.kinds
        assert outcome.stderr == ""
    else:
        error = assert_failed(outcome, output, case.code)
        assert error is None or error["kind"] in case.kinds


@pytest.mark.parametrize(
    "name", ["status abc", "GOAWAY for calm", "HTTP x", "an unknown coding", "a message that is no protobuf"]
)
def test_grpc_itself_says_nothing_on_stderr(plexctl, name):
    case = CASES[name]
    with http2.serving(case.act) as endpoint:
        outcome = plexctl.child(f"{SIGNING_ROTATE} -o json --signer-endpoint {endpoint} --timeout 20s")
    assert outcome.error["kind"] in case.kinds


@pytest.mark.parametrize("output", FORMATS)
def test_tls_without_http2_is_unavailable(plexctl, tmp_path, output):
    made = Certificates(tmp_path / "made")
    with http2.serving(CASES["a message as it should be"].act, made.http_server()) as endpoint:
        line = f"{SIGNING_ROTATE} -o {output} --signer-endpoint {endpoint} --signer-ca-file {made.authority}"
        outcome = plexctl(f"{line} --timeout 2s")
    assert_safe(outcome)
    error = assert_failed(outcome, output, 1)
    assert error is None or error["kind"] == "unavailable"
