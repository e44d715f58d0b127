"""--timeout: the deadline of one logical request, whatever it waits for."""

import socket
import threading
import time

import pytest

from tests.fake_server import answer, problem
from tests.samples import CREATE, EMPTY_PAGE, LIST, PROJECT, SIGNING_ROTATE
from tests.stalls import STALLED_RESOLVER, STALLS, assert_kept, full_backlog, silence, site

SECONDS = 0.5
TIMEOUT = f"--timeout {SECONDS}s"
TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}


def assert_timed_out(outcome, request_id=None):
    assert (outcome.code, outcome.stdout) == (1, "")
    assert outcome.error["kind"] == "timeout"
    assert outcome.error["title"] == "Deadline Exceeded"
    assert request_id in {None, outcome.error["request_id"]}
    assert "0.5s" in outcome.error["detail"]


@pytest.mark.parametrize(("line", "stall"), [*((LIST, stall) for stall in STALLS), (CREATE, "dripping body")])
def test_an_answer_that_does_not_end(against, server, stall, line):
    server.play(STALLS[stall](server))

    def measure():
        outcome = against(f"{line} {TIMEOUT} -o json")
        ended = time.monotonic()
        assert_timed_out(outcome, server.requests[-1].headers["x-request-id"])
        return ended - server.requests[-1].at

    assert_kept(SECONDS, measure)


def test_the_line_says_what_to_change(against, server):
    server.play(silence(server))
    outcome = against(f"{LIST} --timeout 50ms")
    said = f"plexctl: Deadline Exceeded: {server.url} did not finish its response within 0.05s "
    assert outcome.stderr.startswith(said)
    assert "--timeout" in outcome.stderr


def test_all_attempts_and_their_waits_share_one_deadline(against, server):
    def measure():
        server.requests.clear()
        server.play(problem(503), silence(server))
        outcome = against(f"{LIST} {TIMEOUT} -o json")
        ended = time.monotonic()
        assert_timed_out(outcome)
        assert len(server.requests) == 2
        return ended - server.requests[0].at

    assert_kept(SECONDS, measure)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_that_is_never_made(plexctl, scheme):
    with full_backlog() as port:

        def measure():
            started = time.monotonic()
            outcome = plexctl(f"{LIST} {TIMEOUT} -o json --server {scheme}://127.0.0.1:{port}", **TOKEN)
            taken = time.monotonic() - started
            assert_timed_out(outcome)
            return taken

        measure()  # loads what later measurements should not count
        assert_kept(SECONDS, measure)


def test_a_tls_handshake_that_is_never_answered(plexctl, server):
    server.play(silence(server))

    def measure():
        started = time.monotonic()
        outcome = plexctl(f"{LIST} {TIMEOUT} -o json --server https://127.0.0.1:{server.port}", **TOKEN)
        taken = time.monotonic() - started
        assert_timed_out(outcome)
        return taken

    measure()
    assert_kept(SECONDS, measure)


def test_a_name_server_that_never_answers(plexctl, tmp_path):
    """Also the process ends then, although its resolver cannot be interrupted."""
    asked = tmp_path / "asked"
    plexctl.environment |= site(tmp_path / "site", STALLED_RESOLVER) | {"ASKED": str(asked), **TOKEN}

    def measure():
        outcome = plexctl.child(f"{LIST} --timeout 1s -o json --server http://plexsphere.test")
        ended = time.monotonic()
        assert (outcome.code, outcome.error["kind"]) == (1, "timeout")
        return ended - float(asked.read_text())

    assert_kept(1, measure)


def test_each_page_has_a_deadline_of_its_own(against, server):
    def slowly(connection):
        number = len(server.requests)
        server.stopped(0.3)
        page = {"items": [PROJECT]} | ({"next_cursor": str(number)} if number < 3 else {})
        connection.sendall(answer(200, page))

    server.play(slowly)
    outcome = against(f"{LIST} --all {TIMEOUT} -o json")
    assert outcome.json == {"items": [PROJECT] * 3}
    assert server.requests[2].at - server.requests[0].at > SECONDS


def test_a_timeout_too_short_for_anything_is_a_timeout_all_the_same(against, server):
    server.play(answer(200, EMPTY_PAGE))
    for _ in range(20):
        outcome = against(f"{LIST} --timeout 1ns -o json")
        assert (outcome.code, outcome.error["kind"]) == (1, "timeout")


def test_a_signer_that_never_answers(plexctl, server):
    server.play(silence(server))
    endpoint = f"127.0.0.1:{server.port}"

    def measure():
        outcome = plexctl(f"{SIGNING_ROTATE} {TIMEOUT} -o json --signer-endpoint {endpoint}")
        ended = time.monotonic()
        assert_timed_out(outcome)
        assert outcome.error["grpc_status"] == "DEADLINE_EXCEEDED"
        return ended - server.requests[-1].at

    assert_kept(SECONDS, measure)


def test_a_signer_whose_connection_is_never_made(plexctl):
    with full_backlog() as port:

        def measure():
            started = time.monotonic()
            outcome = plexctl(f"{SIGNING_ROTATE} {TIMEOUT} -o json --signer-endpoint 127.0.0.1:{port}")
            taken = time.monotonic() - started
            assert_timed_out(outcome)
            return taken

        measure()
        assert_kept(SECONDS, measure)


def test_a_grpc_library_that_does_not_keep_the_deadline_itself(plexctl, monkeypatch):
    """As when its resolver is stuck in the system's, where no timer of the library reaches."""
    over = threading.Event()
    monkeypatch.setattr("grpc._channel._UnaryUnaryMultiCallable.__call__", lambda *_, **__: over.wait())

    def measure():
        started = time.monotonic()
        outcome = plexctl(f"{SIGNING_ROTATE} {TIMEOUT} -o json --signer-endpoint 127.0.0.1:{port}")
        taken = time.monotonic() - started
        assert_timed_out(outcome)
        return taken

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        measure()
        assert_kept(SECONDS, measure)
    over.set()
