"""A connection to a name: every address within one limit, the next one tried while the first is silent."""

import contextlib
import socket
import time

import pytest

from plexctl.clients import dial as dialling
from plexctl.clients.dial import Address, connect, resolve
from tests.stalls import full_backlog

LONG = 60.0  # seconds; only a hang takes as long


@contextlib.contextmanager
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def at(*ports: int) -> list[Address]:
    return [address for port in ports for address in resolve("127.0.0.1", port)]


def dialled(*ports: int) -> socket.socket:
    return connect(at(*ports), LONG)


def test_a_live_address_behind_silent_ones_is_reached():
    with full_backlog() as one, full_backlog() as other, listening() as live, dialled(one, other, live) as connection:
        assert connection.getpeername()[1] == live


def test_the_first_address_wins_where_it_answers():
    with listening() as first, listening() as second, connect(at(first, second), LONG) as connection:
        assert connection.getpeername()[1] == first
        assert connection.getblocking()


def test_an_address_that_refuses_gives_way_at_once(monkeypatch):
    monkeypatch.setattr(dialling, "_HEAD_START_SECONDS", LONG)
    with listening() as live, connect(at(1, 1, live), LONG) as connection:
        assert connection.getpeername()[1] == live


def test_silent_addresses_share_one_limit():
    with full_backlog() as silent, full_backlog() as also_silent:
        started = time.monotonic()
        with pytest.raises(TimeoutError, match=r"no connection within 0\.1s"):
            connect(at(silent, also_silent), 0.1)
        assert 0.1 <= time.monotonic() - started < LONG


def test_the_last_refusal_is_the_reason():
    with pytest.raises(ConnectionRefusedError):
        connect(at(1, 1), LONG)


def test_no_address_is_an_error_and_not_a_success():
    with pytest.raises(OSError, match="no address"):
        connect([], LONG)


def test_a_family_that_this_machine_lacks_gives_way():
    lacking = Address(999, socket.SOCK_STREAM, 0, ("127.0.0.1", 1))
    with listening() as live, connect([lacking, *at(live)], LONG) as connection:
        assert connection.getpeername()[1] == live


def test_every_attempt_that_lost_is_closed(monkeypatch):
    made = []

    class Recorded(socket.socket):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr("plexctl.clients.dial.socket.socket", Recorded)
    with full_backlog() as silent, listening() as live:
        made.clear()
        with connect(at(silent, 1, live), LONG) as connection:
            assert [attempt.fileno() == -1 for attempt in made if attempt is not connection] == [True, True]


def test_the_families_take_turns_in_the_systems_order(monkeypatch):
    def found(family, number):
        return (family, socket.SOCK_STREAM, 6, "", (str(number), 0))

    six, four = socket.AF_INET6, socket.AF_INET
    answer = [found(six, 1), found(six, 2), found(six, 3), found(four, 4), found(four, 5)]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: answer)
    assert [address.socket_address[0] for address in resolve("a", 1)] == ["1", "4", "2", "5", "3"]


def test_a_connection_has_ten_seconds_and_the_next_address_its_turn_as_rfc_8305_recommends():
    assert dialling.CONNECT_SECONDS == 10
    assert dialling._HEAD_START_SECONDS == 0.25
