"""Which requests are tried again, how often, and how long plexctl waits between."""

import contextlib
import socket

import pytest

from tests.each import each
from tests.fake_server import FakeServer, answer, problem
from tests.samples import CREATE, EMPTY_PAGE, LIST, WRITES
from tests.stalls import MovedClock, full_backlog, unresolvable

TRANSIENT = (429, 502, 503, 504)
FINE = answer(200, EMPTY_PAGE)


@pytest.fixture
def closed_port():
    """A port of this machine where nothing listens, and nothing else will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize("status", TRANSIENT)
def test_a_read_is_tried_three_times(against, server, waits, status):
    server.play(problem(status, "a_code"))
    outcome = against(f"{LIST} -o json")
    assert (outcome.code, outcome.error["status"], outcome.error["code"]) == (1, status, "a_code")
    assert len(server.requests) == 3
    assert waits == [0.2, 0.8]
    assert len({request.headers["x-request-id"] for request in server.requests}) == 1


@pytest.mark.parametrize("failures", [1, 2])
def test_a_read_that_succeeds_in_time_is_a_success(against, server, waits, failures):
    server.play(*[problem(503)] * failures, FINE)
    outcome = against(f"{LIST} -o json")
    assert (outcome.code, outcome.json, outcome.stderr) == (0, EMPTY_PAGE, "")
    assert waits == [0.2, 0.8][:failures]


def test_the_waits_are_really_waited(against, server, monkeypatch):
    monkeypatch.setattr("plexctl.clients.transport._WAITS_SECONDS", (0.05, 0.2))
    server.play(problem(503))
    against(LIST)
    first, second, third = (request.at for request in server.requests)
    assert second - first >= 0.05
    assert third - second >= 0.2


@each("status", [400, 401, 403, 404, 408, 409, 425, 500, 501, 505, 507, 599])
def test_no_other_status_is_asked_for_again(against, server, waits, status):
    server.play(problem(status))
    against(LIST)
    assert (len(server.requests), waits) == (1, [])


@each("line", WRITES)
@each("status", TRANSIENT)
def test_a_write_is_sent_once(against, server, waits, line, status):
    server.play(answer(status, headers={"Retry-After": "0"}))
    assert against(line).code == 1
    assert (len(server.requests), waits) == (1, [])


@pytest.mark.parametrize("line", [LIST, CREATE])
def test_a_connection_that_broke_after_it_was_made_is_not_tried_again(against, server, waits, line):
    server.play(b"")
    assert against(line).code == 1
    assert (len(server.requests), waits) == (1, [])


@pytest.mark.parametrize("line", [LIST, CREATE])
def test_a_connection_that_was_never_made_is_tried_three_times(plexctl, waits, closed_port, line):
    url = f"http://127.0.0.1:{closed_port}"
    outcome = plexctl(f"-v {line} --server {url}", PLEXSPHERE_TOKEN="t0k3n")
    _, *attempts, error = outcome.stderr.splitlines()
    assert outcome.code == 1
    assert waits == [0.2, 0.8]
    assert len({attempt.split()[-1] for attempt in attempts}) == 1
    assert len(attempts) == 3
    assert error.startswith(f"plexctl: Server Unreachable: {url}: Connection refused (request ")


def test_a_name_that_is_not_found_is_tried_three_times(plexctl, waits, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", unresolvable)
    outcome = plexctl(f"{LIST} --server https://nowhere.test", PLEXSPHERE_TOKEN="t0k3n")
    assert outcome.code == 1
    assert "https://nowhere.test: " in outcome.stderr
    assert "Name or service not known" in outcome.stderr
    assert waits == [0.2, 0.8]


def test_a_server_that_comes_up_meanwhile_is_found(plexctl, monkeypatch):
    with contextlib.ExitStack() as stack, socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]

        def come_up(_):
            held.listen()
            stack.enter_context(FakeServer(listener=held)).play(FINE)

        monkeypatch.setattr("plexctl.clients.transport.time.sleep", come_up)
        assert plexctl(f"{LIST} --server http://127.0.0.1:{port}", PLEXSPHERE_TOKEN="t0k3n").code == 0


def test_a_wait_beyond_the_deadline_fails_at_once_with_the_answer(against, server, waits, monkeypatch):
    monkeypatch.setattr("plexctl.clients.deadline.time", MovedClock())  # the answer itself takes no time
    server.play(problem(503, "busy"))
    outcome = against(f"{LIST} --timeout 190ms -o json")
    assert outcome.error["code"] == "busy"
    assert (len(server.requests), waits) == (1, [])


def test_a_connection_that_takes_too_long_is_tried_three_times(plexctl, waits, monkeypatch):
    monkeypatch.setattr("plexctl.clients.dial.CONNECT_SECONDS", 0.05)
    with full_backlog() as port:
        outcome = plexctl(f"{LIST} --server http://127.0.0.1:{port}", PLEXSPHERE_TOKEN="t0k3n")
    assert outcome.code == 1
    assert f"http://127.0.0.1:{port}: no connection within 0.05s" in outcome.stderr
    assert waits == [0.2, 0.8]
