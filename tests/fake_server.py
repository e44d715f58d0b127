"""A scripted HTTP server for what a healthy one cannot do: each connection plays the next act of the script.

An act is bytes to send as they are, or a function that is handed the connection.
"""

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Self

LOOK_SECONDS = 0.01  # between two looks for threads that have not ended

Act = bytes | Callable[[socket.socket], None]


class Request(NamedTuple):
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float


class FakeServer:
    """Answers on a free loopback port; `requests` records what arrived. The last act repeats for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None, listener: socket.socket | None = None) -> None:
        """Use a listening socket that is given, else one on a port of its own."""
        self._tls = tls
        self.requests: list[Request] = []
        self._script: list[Act] = [answer(200, {})]
        self._listener = listener or socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"https://localhost:{self.port}" if tls else f"http://127.0.0.1:{self.port}"

    def play(self, *acts: Act) -> None:
        """Start a script, and forget what has arrived before."""
        self._script = list(acts)
        self.requests.clear()

    def stopped(self, seconds: float) -> bool:
        """Pass time inside an act; true once the test is over."""
        return self._stopping.wait(seconds)

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the thread that accepts
        for thread in self._threads:
            while thread.is_alive():  # one that takes up its connection only now would serve it for ever
                self._shut_down()
                thread.join(LOOK_SECONDS)
        self._listener.close()

    def _shut_down(self) -> None:
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _run(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            act = self._script.pop(0) if len(self._script) > 1 else self._script[0]
            self._run(self._serve, connection, act)

    def _serve(self, connection: socket.socket, act: Act) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            self._connections.append(connection)
            if self._tls:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
                self._connections.append(connection)
            self.requests.append(_read(connection))
            if callable(act):
                act(connection)
            else:
                connection.sendall(act)


def answer(
    status: int, body: Any = b"", headers: Mapping[str, str] | None = None, media_type: str = "application/json"
) -> bytes:
    """Write a whole answer; a body that is not bytes is sent as JSON. The connection closes after it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    phrase = HTTPStatus(status).phrase if status in {code.value for code in HTTPStatus} else "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", f"Content-Type: {media_type}", "Connection: close"]
    if status not in {204, 304}:
        lines.append(f"Content-Length: {len(content)}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


def problem(status: int, code: str | None = None, **members: Any) -> bytes:
    """Write a problem document (RFC 9457) as an answer."""
    document = {
        "type": "about:blank",
        "title": "A Title",
        "status": status,
        "detail": "a detail",
        "instance": "/v1/here",
        **({"code": code} if code else {}),
        **members,
    }
    return answer(status, document, media_type="application/problem+json")


def _read(connection: socket.socket) -> Request:
    received = b""
    while b"\r\n\r\n" not in received:
        received += receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    start, *fields = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    while len(body) < int(headers.get("content-length", "0")):
        body += receive(connection)
    method, target, _ = start.split(" ")
    return Request(method, target, headers, body, time.monotonic())


def receive(connection: socket.socket) -> bytes:
    """Read what has come; raises ConnectionResetError where nothing more will."""
    received = connection.recv(65536)
    if not received:
        raise ConnectionResetError
    return received
