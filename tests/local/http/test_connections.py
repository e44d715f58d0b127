"""Connections that ask for nothing, or not for long enough: closed in time, and none keeps another waiting."""

import asyncio
import errno
import http.client
import json
import resource
import shlex
import socket
import subprocess
import threading
from contextlib import ExitStack, suppress

import httpx
import pytest

from plexctl.local.http import acceptor, content, protocol
from tests.command import CHILD
from tests.plane import live_plane
from tests.stalls import taking
from tests.waiting import PATIENCE_SECONDS

SOON = 0.3


@pytest.fixture
def gate(monkeypatch):
    """What a connection waits for before the plane takes it, together with all that was sent by then."""
    event, accept = threading.Event(), acceptor.Acceptor._accept

    async def wait_and_accept(accepting):
        await asyncio.to_thread(event.wait)
        await accept(accepting)

    monkeypatch.setattr(acceptor.Acceptor, "_accept", wait_and_accept)
    yield event
    event.set()


@pytest.fixture
def connect(plane):
    """Open connections to the plane, which end with the test."""
    with ExitStack() as stack:

        def connect(sent=b""):
            connection = stack.enter_context(socket.create_connection(_address(plane.url), timeout=PATIENCE_SECONDS))
            connection.sendall(sent)
            return connection

        yield connect


def _address(url):
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


def _answer(connection):
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer, json.loads(answer.read())


def test_a_connection_without_a_request_is_closed(connect, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", SOON)
    assert connect().recv(100) == b""


@pytest.mark.parametrize("before", [b"", b"GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_half_a_head_is_a_problem_in_time(gate, connect, monkeypatch, before):
    half = b"GET /v1/version HTTP/1.1\r\n"
    connection = connect(before or half)
    if not before:
        monkeypatch.setattr(protocol, "HEAD_SECONDS", SOON)
    gate.set()
    if before:
        assert _answer(connection)[0].status == 200
        monkeypatch.setattr(protocol, "HEAD_SECONDS", SOON)
        connection.sendall(half)
    answer, problem = _answer(connection)
    assert (answer.status, problem["code"]) == (408, "request_timeout")
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]
    assert connection.recv(100) == b""


def test_a_head_that_drips_has_no_more_time(gate, connect, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", SOON)
    connection = connect(b"GET / HTTP/1.1\r\n")
    gate.set()
    connection.settimeout(SOON / 10)
    for _ in range(100):  # that is ten times the limit
        try:
            answered = connection.recv(1000)
        except TimeoutError:
            connection.sendall(b"X-Drip: x\r\n")
        else:
            break
    else:
        pytest.fail("every drip has bought more time")
    assert answered.startswith(b"HTTP/1.1 408")


def test_half_a_body_is_a_problem_in_time(plane, connect, monkeypatch):
    monkeypatch.setattr(content, "BODY_SECONDS", SOON)
    head = f"POST /v1/domains HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {plane.bearers['admin']}\r\n"
    answer, problem = _answer(connect(head.encode() + b"Content-Length: 50\r\n\r\n{"))
    assert (answer.status, problem["code"]) == (408, "request_timeout")
    assert answer.headers["connection"] == "close"


def test_a_reader_who_stops_reading_is_cut_off(plane, connect, monkeypatch):
    cut = threading.Event()

    class Watched(protocol.Protocol):
        def connection_lost(self, exc):
            super().connection_lost(exc)
            cut.set()

    monkeypatch.setattr("plexctl.local.http.server.Protocol", Watched)
    monkeypatch.setattr(protocol, "READER_SECONDS", SOON)
    size = len(plane.nobody.get("/v1/openapi.json").content)
    connection = connect(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
    assert cut.wait(PATIENCE_SECONDS)
    received = 0
    while piece := connection.recv(1_000_000):
        received += len(piece)
    assert size < received < 200 * size


def test_a_stop_does_not_wait_for_a_body_that_does_not_come(tmp_path, monkeypatch):
    monkeypatch.setattr(protocol, "STOP_BODY_SECONDS", SOON)
    monkeypatch.setattr("plexctl.local.http.server.DRAIN_SECONDS", 2 * PATIENCE_SECONDS)
    with live_plane(tmp_path) as plane, socket.create_connection(_address(plane.url)) as connection:
        connection.sendall(b"POST /v1/register HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        assert plane.nobody.get("/v1/version").status_code == 200
        with taking(SOON):
            plane.plane.stop()


def test_idle_connections_make_room_for_others(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(acceptor, "connection_limit", lambda: 5)
    with live_plane(tmp_path) as plane, ExitStack() as stack:
        idle = [
            stack.enter_context(socket.create_connection(_address(plane.url), timeout=PATIENCE_SECONDS))
            for _ in range(30)
        ]
        assert plane.nobody.get("/v1/version").status_code == 200
        assert idle[0].recv(100) == b""  # the oldest went first
    assert "no connection can be accepted" not in caplog.text


async def _turn(count):
    """Let the event loop run everything else, so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


class Idle:
    """A connection on which no request is running."""

    def __init__(self, since) -> None:
        self.idle_since = since
        self.is_closed = False

    def close_idle(self):
        self.is_closed, self.idle_since = True, None


def test_a_refused_accept_is_paused_after_and_frees_idle_connections(monkeypatch, caplog):
    attempts = []
    idle = [Idle(since) for since in range(20)]

    def refuse(_):
        attempts.append(1)
        raise OSError(errno.EMFILE, "Too many open files")

    async def run(listener):
        monkeypatch.setattr(socket.socket, "accept", refuse)
        accepting = acceptor.Acceptor(listener, asyncio.Protocol, lambda: idle)
        await asyncio.sleep(acceptor.PAUSE_SECONDS * 1.5)
        accepting.check()
        await accepting.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        asyncio.run(run(listener))

    assert len(attempts) == 2
    assert [each.is_closed for each in idle] == [True] * 16 + [False] * 4
    assert len(caplog.records) == 1


def test_what_ends_the_accepting_is_raised(monkeypatch):
    def fail(_):
        raise ZeroDivisionError

    async def run(listener):
        monkeypatch.setattr(socket.socket, "accept", fail)
        accepting = acceptor.Acceptor(listener, asyncio.Protocol, list)
        await _turn(1)
        accepting.check()

    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(ZeroDivisionError):
        asyncio.run(run(listener))


class Closing(asyncio.Protocol):
    """Closes its connection as soon as it has it."""

    def connection_made(self, transport):
        transport.close()


@pytest.mark.parametrize("turns", range(8))
def test_a_connection_that_arrives_as_the_accepting_ends_is_not_left_open(turns):
    async def run(listener, client):
        accepting = acceptor.Acceptor(listener, Closing, list)
        await _turn(1)
        client.connect(listener.getsockname())
        await _turn(turns)
        await accepting.close()
        listener.close()
        await _turn(8)  # what has been accepted is closed in these

    with socket.socket() as client, socket.create_server(("127.0.0.1", 0)) as listener:
        asyncio.run(run(listener, client))
        client.settimeout(PATIENCE_SECONDS)
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""


def test_the_limit_of_connections_leaves_files_for_the_rest(monkeypatch):
    for files, expected in ((64, 16), (1024, 928), (1_048_576, 1024)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, files=files: (files, files))
        assert acceptor.connection_limit() == expected


def test_a_plane_without_file_descriptors_goes_on_and_does_not_flood_its_log(local, tmp_path):
    start = f"ulimit -n 64; exec {shlex.join(CHILD)} local start --data-dir {tmp_path} --port 0 --signer-port 0 -o json"
    done = subprocess.run(
        ["sh", "-c", start], env=local.environment, capture_output=True, timeout=PATIENCE_SECONDS, check=True
    )
    plane = json.loads(done.stdout)
    try:
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(_address(plane["url"])))
            for _ in range(10):  # each takes the plane some looks at who else wants to be accepted
                answered = httpx.get(f"{plane['url']}/v1/version", trust_env=False, timeout=PATIENCE_SECONDS)
                assert answered.status_code == 200
        assert (tmp_path / "plane.log").stat().st_size < 20_000
    finally:
        assert local("local stop --data-dir", tmp_path).code == 0
