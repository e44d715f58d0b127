"""The scripted server ends with its test, whatever its connections are at."""

import socket

from tests.fake_server import FakeServer
from tests.waiting import PATIENCE_SECONDS


def test_a_connection_that_is_taken_up_only_at_the_end_is_not_served_for_ever(monkeypatch):
    serve = FakeServer._serve

    def take_up_late(server, connection, act):
        assert server.stopped(PATIENCE_SECONDS)
        serve(server, connection, act)

    def send_for_ever(connection):
        while True:
            connection.sendall(b"x" * 10_000)

    monkeypatch.setattr(FakeServer, "_serve", take_up_late)
    with FakeServer() as server:
        server.play(send_for_ever)
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    client.close()
    assert not any(thread.is_alive() for thread in server._threads)
