"""A lack of file descriptors pauses the listener, and is one line in the log."""

import asyncio
import errno
import logging
import socket
import time

import pytest

from plexctl.local.listener import Listener


def test_a_lack_is_tried_once_per_pause_and_reported_once(monkeypatch, caplog):
    attempts, tried = [], asyncio.Event()

    def accept(listener):
        attempts.append(listener)
        tried.set()
        raise OSError(errno.EMFILE, "Too many open files")

    async def serve(listener):
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, sock=listener, backlog=2048)
        await tried.wait()
        server.close()

    monkeypatch.setattr(socket.socket, "accept", accept)
    caplog.set_level(logging.WARNING, "plexctl.local")
    plain = socket.create_server(("127.0.0.1", 0))
    with Listener.of(plain) as listener, socket.create_connection(listener.getsockname()):
        asyncio.run(serve(listener))

    assert len(attempts) == 1
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("plexctl")]
    assert line == "no connection can be accepted: Too many open files; trying again every second"


def test_it_accepts_nothing_in_the_pause_and_again_after_it(monkeypatch):
    def lack(_):
        raise OSError(errno.ENFILE, "Too many open files in system")

    plain = socket.create_server(("127.0.0.1", 0))
    with Listener.of(plain) as listener, socket.create_connection(listener.getsockname()):
        now = [100.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "accept", lack)
            with pytest.raises(OSError, match="Too many"):
                listener.accept()
        with pytest.raises(BlockingIOError):
            listener.accept()
        now[0] += 1.0
        listener.accept()[0].close()
