"""What a signing call carries, and what is made of the signer's answer."""

import re
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from plexctl.signing.v1 import signing_pb2 as messages
from plexctl.version import VERSION
from tests.fake_signer import FakeSigner, going_away, serving
from tests.samples import FORMATS, OTHER_ID, SIGNING_CLOSE, SIGNING_ROTATE
from tests.test_transport import UUID7

MOMENT = Timestamp(seconds=1)
IDS: dict[str, Any] = {"old_key_id": "k1", "new_key_id": "k2"}


@pytest.fixture
def signer(plexctl):
    fake = FakeSigner()
    with serving(fake) as port:
        plexctl.environment["PLEXSPHERE_SIGNER_ENDPOINT"] = f"127.0.0.1:{port}"
        yield fake


def test_a_call_carries_its_request_and_says_who_sends_it(plexctl, signer):
    outcome = plexctl(f"{SIGNING_ROTATE} -o json", PLEXSPHERE_TOKEN="t0k3n")
    assert outcome.json == {
        "scope": "platform",
        "old_key_id": "k1",
        "new_key_id": "k2",
        "opened_at": "1970-01-01T00:00:01Z",
        "closes_at": "1970-01-02T00:00:01.000000005Z",
    }
    call = signer.calls[0]
    assert (call.request.scope, call.request.new_key_id) == ("platform", "k2")
    assert call.metadata["authorization"] == "Bearer t0k3n"
    assert UUID7.fullmatch(call.metadata["x-request-id"])
    assert call.metadata["user-agent"].startswith(f"plexctl/{VERSION}")


def test_close_echoes_what_was_asked(plexctl, signer):
    scope = f"domain:{OTHER_ID.upper()}"
    outcome = plexctl(f"signing close --scope {scope} --old k1 --new k2 -o json")
    triple = {"scope": f"domain:{OTHER_ID}", "old_key_id": "k1", "new_key_id": "k2"}
    assert outcome.json == triple
    request = signer.calls[0].request
    assert triple == {"scope": request.scope, "old_key_id": request.old_key_id, "new_key_id": request.new_key_id}


def test_no_credential_is_required(plexctl, signer):
    assert plexctl(SIGNING_CLOSE).code == 0
    assert "authorization" not in signer.calls[0].metadata


def test_the_longest_timeout_is_no_deadline_passed(plexctl, signer):
    outcome = plexctl(f"{SIGNING_CLOSE} --timeout 2562047h")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert len(signer.calls) == 1


def test_without_tls_no_bearer_leaves_this_machine(plexctl, signer):
    port = plexctl.environment["PLEXSPHERE_SIGNER_ENDPOINT"].rpartition(":")[2]
    # on Linux this address reaches loopback without being a name of it
    outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint 0.0.0.0:{port}", PLEXSPHERE_TOKEN="t0k3n")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert "authorization" not in signer.calls[0].metadata
    assert plexctl(f"{SIGNING_CLOSE} --signer-endpoint localhost:{port}", PLEXSPHERE_TOKEN="t0k3n").code == 0
    assert "authorization" in signer.calls[1].metadata


def test_a_call_is_never_repeated(plexctl, signer):
    signer.status = grpc.StatusCode.UNAVAILABLE
    assert plexctl(SIGNING_ROTATE).code == 1
    assert len(signer.calls) == 1


def test_a_call_that_the_signer_disowns_is_not_repeated_either(plexctl, server):
    streams = going_away(server)
    outcome = plexctl(f"{SIGNING_ROTATE} --signer-endpoint 127.0.0.1:{server.port} -o json")
    assert (outcome.code, outcome.error["grpc_status"]) == (1, "UNAVAILABLE")
    assert len(streams) == 1


def test_the_server_flag_is_not_consulted(plexctl, signer):
    outcome = plexctl(f"--server http://nowhere.test {SIGNING_CLOSE}", PLEXSPHERE_URL="http://nowhere.test")
    assert outcome.code == 0
    assert len(signer.calls) == 1


@pytest.mark.parametrize("status", [grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND])
def test_verbose_writes_one_line(plexctl, signer, status):
    signer.status = status
    verbose = plexctl(f"-v {SIGNING_ROTATE}", PLEXSPHERE_TOKEN="t0k3n").stderr.splitlines()[1]
    request_id = signer.calls[0].metadata["x-request-id"]
    endpoint = re.escape(plexctl.environment["PLEXSPHERE_SIGNER_ENDPOINT"])
    method = "OpenRotation"
    url = rf"grpc://{endpoint}/signing\.v1\.SignerService/{method}"
    assert re.fullmatch(rf"plexctl: {method} {url} {status.name} \d+ms {request_id}", verbose)


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize(
    "answer",
    [
        messages.OpenRotationResponse(),
        messages.OpenRotationResponse(old_key_id="k1", opened_at=MOMENT, closes_at=MOMENT),
        messages.OpenRotationResponse(new_key_id="k2", opened_at=MOMENT, closes_at=MOMENT),
        messages.OpenRotationResponse(**IDS),
        messages.OpenRotationResponse(**IDS, opened_at=MOMENT),
        messages.OpenRotationResponse(**IDS, opened_at=Timestamp(seconds=10**15), closes_at=MOMENT),
        messages.OpenRotationResponse(**IDS, opened_at=MOMENT, closes_at=Timestamp(seconds=1, nanos=-1)),
    ],
    ids=["nothing", "no new key", "no old key", "no times", "one time", "a time past all calendars", "negative"],
)
def test_an_answer_that_lacks_a_field_is_malformed(plexctl, signer, answer, output):
    signer.opened = answer
    outcome = plexctl(f"{SIGNING_ROTATE} -o {output}")
    assert (outcome.code, outcome.stdout) == (1, "")
    assert "Malformed Response" in outcome.stderr
    assert signer.calls[0].metadata["x-request-id"] in outcome.stderr


@pytest.mark.parametrize("line", [SIGNING_ROTATE, SIGNING_CLOSE])
def test_a_success_without_a_message_is_malformed(plexctl, line):
    class Silent(grpc.GenericRpcHandler):
        def service(self, _):
            return grpc.unary_stream_rpc_method_handler(lambda *_: iter(()))

    server = grpc.server(futures.ThreadPoolExecutor(1), handlers=[Silent()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    outcome = plexctl(f"{line} --signer-endpoint 127.0.0.1:{port} -o json")
    server.stop(None).wait()
    assert (outcome.code, outcome.error["kind"], outcome.error["title"]) == (1, "malformed", "Malformed Response")


def test_what_the_signer_says_is_made_safe(plexctl, signer):
    signer.opened = messages.OpenRotationResponse(
        old_key_id="\x1b[2J\x9b\u202e", new_key_id="k2", opened_at=Timestamp(), closes_at=Timestamp()
    )
    for output in FORMATS:
        outcome = plexctl(f"{SIGNING_ROTATE} -o {output}")
        assert outcome.code == 0
        assert not set("\x1b\x9b\u202e") & set(outcome.stdout)
    signer.status, signer.details = grpc.StatusCode.INTERNAL, "\x1b[2J\x9b\n\u202e"
    for output in FORMATS:
        assert not set("\x1b\x9b\u202e") & set(plexctl(f"{SIGNING_ROTATE} -o {output}").stderr)
    assert plexctl(SIGNING_ROTATE).stderr.count("\n") == 1


def test_a_port_that_speaks_no_grpc(plexctl, server):
    outcome = plexctl(f"{SIGNING_ROTATE} --signer-endpoint 127.0.0.1:{server.port} -o json")
    assert (outcome.code, outcome.error["grpc_status"]) == (1, "UNAVAILABLE")


@pytest.mark.parametrize(
    ("details", "shown"),
    [
        ("Deadline Exceeded", r"127\.0\.0\.1:\d+ did not finish its response within 30s \(--timeout\)"),
        ("its own words", "its own words"),
    ],
)
def test_a_deadline_that_grpc_found_to_be_over_is_told_as_plexctls_own(plexctl, signer, details, shown):
    signer.status, signer.details = grpc.StatusCode.DEADLINE_EXCEEDED, details
    error = plexctl(f"{SIGNING_ROTATE} -o json").error
    assert (error["kind"], error["grpc_status"]) == ("timeout", "DEADLINE_EXCEEDED")
    assert re.fullmatch(shown, error["detail"])
