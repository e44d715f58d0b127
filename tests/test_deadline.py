"""--timeout: the deadline of one logical request, whatever it waits for."""

import contextlib
import socket
import threading

import pytest

from plexctl.clients.deadline import Deadline
from tests.fake_server import answer, problem
from tests.samples import CREATE, EMPTY_PAGE, LIST, PROJECT, SIGNING_ROTATE
from tests.stalls import STALLED_RESOLVER, STALLS, MovedClock, full_backlog, silence, site, taking
from tests.waiting import PATIENCE_SECONDS

SECONDS = 0.1
TIMEOUT = f"--timeout {SECONDS}s"
TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}


@pytest.fixture
def clock(monkeypatch, waits):
    """The clock of the deadlines, which only a test moves; what plexctl waits between two attempts moves it, too."""
    moved = MovedClock()
    monkeypatch.setattr("plexctl.clients.deadline.time", moved)

    def wait(seconds):
        moved.seconds += seconds
        waits.append(seconds)

    monkeypatch.setattr("plexctl.clients.transport.time.sleep", wait)
    return moved


def after(clock, seconds, answered):
    """Answer once so much of the deadline has passed."""

    def act(connection):
        clock.seconds += seconds
        connection.sendall(answered)

    return act


def too_late(clock, seconds, answered):
    """Let so much of the deadline pass, and answer once plexctl has given up, or has waited far too long."""

    def act(connection):
        clock.seconds += seconds
        connection.settimeout(PATIENCE_SECONDS)
        with contextlib.suppress(TimeoutError):
            connection.recv(1)
        connection.sendall(answered)

    return act


def assert_timed_out(outcome, request_id=None):
    assert (outcome.code, outcome.stdout) == (1, "")
    assert outcome.error["kind"] == "timeout"
    assert outcome.error["title"] == "Deadline Exceeded"
    assert request_id in {None, outcome.error["request_id"]}
    assert f"{SECONDS:g}s" in outcome.error["detail"]


@pytest.mark.parametrize(("line", "stall"), [*((LIST, stall) for stall in STALLS), (CREATE, "dripping body")])
def test_an_answer_that_does_not_end_fails_at_the_deadline(against, server, stall, line):
    server.play(STALLS[stall](server))
    with taking(SECONDS):
        outcome = against(f"{line} {TIMEOUT} -o json")
    # on a busy machine the deadline may come before the request
    assert_timed_out(outcome, *(request.headers["x-request-id"] for request in server.requests[-1:]))


def test_the_line_says_what_to_change(against, server):
    server.play(silence(server))
    outcome = against(f"{LIST} --timeout 50ms")
    said = f"plexctl: Deadline Exceeded: {server.url} did not finish its response within 0.05s "
    assert outcome.stderr.startswith(said)
    assert "--timeout" in outcome.stderr


def test_all_attempts_share_one_deadline(against, server, clock):
    server.play(after(clock, 6, problem(503)), too_late(clock, 6, answer(200, EMPTY_PAGE)))
    outcome = against(f"{LIST} --timeout 10s -o json")
    assert (outcome.code, outcome.error["kind"], len(server.requests)) == (1, "timeout", 2)


def test_the_wait_between_two_attempts_counts(against, server, clock, waits):
    busy = answer(503, headers={"Retry-After": "6"})
    server.play(busy, too_late(clock, 6, answer(200, EMPTY_PAGE)))
    outcome = against(f"{LIST} --timeout 10s -o json")
    assert (outcome.code, outcome.error["kind"], waits) == (1, "timeout", [6])


def test_each_page_has_a_deadline_of_its_own(against, server, clock):
    pages = [{"items": [PROJECT], "next_cursor": "a"}, {"items": [PROJECT], "next_cursor": "b"}, {"items": [PROJECT]}]
    server.play(*(after(clock, 6, answer(200, page)) for page in pages))
    outcome = against(f"{LIST} --all --timeout 10s -o json")
    assert outcome.json == {"items": [PROJECT] * 3}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_that_is_never_made(plexctl, scheme):
    with full_backlog() as port, taking(SECONDS):
        outcome = plexctl(f"{LIST} {TIMEOUT} -o json --server {scheme}://127.0.0.1:{port}", **TOKEN)
    assert_timed_out(outcome)


def test_a_tls_handshake_that_is_never_answered(plexctl, server):
    server.play(silence(server))
    with taking(SECONDS):
        outcome = plexctl(f"{LIST} {TIMEOUT} -o json --server https://127.0.0.1:{server.port}", **TOKEN)
    assert_timed_out(outcome)


def test_a_name_server_that_never_answers(plexctl, tmp_path):
    """Also the process ends then, although its resolver cannot be interrupted."""
    asked = tmp_path / "asked"
    plexctl.environment |= site(tmp_path / "site", STALLED_RESOLVER) | {"ASKED": str(asked), **TOKEN}
    with taking(1):
        outcome = plexctl.child(f"{LIST} --timeout 1s -o json --server http://plexsphere.test")
    assert (outcome.code, outcome.error["kind"]) == (1, "timeout")
    assert asked.exists()


def test_a_timeout_too_short_for_anything_is_a_timeout_all_the_same(against, server):
    server.play(answer(200, EMPTY_PAGE))
    for _ in range(20):
        outcome = against(f"{LIST} --timeout 1ns -o json")
        assert (outcome.code, outcome.error["kind"]) == (1, "timeout")


def test_a_signer_that_never_answers(plexctl, server):
    server.play(silence(server))
    with taking(SECONDS):
        outcome = plexctl(f"{SIGNING_ROTATE} {TIMEOUT} -o json --signer-endpoint 127.0.0.1:{server.port}")
    assert_timed_out(outcome)
    assert outcome.error["grpc_status"] == "DEADLINE_EXCEEDED"


def test_a_signer_whose_connection_is_never_made(plexctl):
    with full_backlog() as port, taking(SECONDS):
        outcome = plexctl(f"{SIGNING_ROTATE} {TIMEOUT} -o json --signer-endpoint 127.0.0.1:{port}")
    assert_timed_out(outcome)


def test_a_grpc_library_that_does_not_keep_the_deadline_itself(plexctl, monkeypatch):
    """As when its resolver is stuck in the system's, where no timer of the library reaches."""
    over = threading.Event()
    monkeypatch.setattr("grpc._channel._UnaryUnaryMultiCallable.__call__", lambda *_, **__: over.wait())
    with socket.create_server(("127.0.0.1", 0)) as listener, taking(SECONDS):
        port = listener.getsockname()[1]
        outcome = plexctl(f"{SIGNING_ROTATE} {TIMEOUT} -o json --signer-endpoint 127.0.0.1:{port}")
    over.set()
    assert_timed_out(outcome)


def test_the_time_that_is_taken_over_a_piece_does_not_count(clock):
    pieces = []
    for piece in Deadline(1.0).pieces(iter("abc")):
        pieces.append(piece)
        clock.seconds += 60
    assert pieces == ["a", "b", "c"]
