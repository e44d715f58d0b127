"""The scripted server ends with its test, whatever its connections are at."""

import contextlib
import socket
import threading

from tests.fake_server import FakeServer
from tests.waiting import PATIENCE_SECONDS


class Watched(list):
    """A list that tells when it has been looked through."""

    def __init__(self):
        super().__init__()
        self.looked_through = threading.Event()

    def __iter__(self):
        yield from super().__iter__()
        self.looked_through.set()


def test_a_connection_that_is_taken_up_only_at_the_end_is_not_served_for_ever(monkeypatch):
    serve, connections = FakeServer._serve, Watched()

    def take_up_late(server, connection, act):
        assert connections.looked_through.wait(PATIENCE_SECONDS)
        serve(server, connection, act)

    def send_for_ever(connection):
        while True:
            connection.sendall(b"x")

    monkeypatch.setattr(FakeServer, "_serve", take_up_late)
    with FakeServer() as server:
        server._connections = connections
        server.play(send_for_ever)
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        reading = threading.Thread(target=_read_all, args=(client,))
        reading.start()
    reading.join()
    assert not any(thread.is_alive() for thread in server._threads)


def _read_all(client):
    with client, contextlib.suppress(ConnectionResetError):
        while client.recv(1 << 16):
            pass
