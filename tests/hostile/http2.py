"""HTTP/2 by the frame (RFC 9113), as a signer would speak it that keeps to none of its rules."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4

Act = Callable[[socket.socket], None]
Fields = Sequence[tuple[bytes, bytes]]


def frame(kind: int, payload: bytes = b"", *, flags: int = 0, stream: int = 1) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def setting(identifier: int, value: int) -> bytes:
    return identifier.to_bytes(2, "big") + value.to_bytes(4, "big")


def settings(*pairs: tuple[int, int]) -> bytes:
    return frame(SETTINGS, b"".join(setting(*pair) for pair in pairs), stream=0)


def block(fields: Fields) -> bytes:
    """Write header fields as literals that are not indexed (RFC 7541, section 6.2.2)."""
    return b"".join(b"\0" + _string(name) + _string(value) for name, value in fields)


def headers(fields: Fields, *, end: bool = False) -> bytes:
    """Write a HEADERS frame, continued in frames of 16 KiB."""
    whole = block(fields)
    pieces = [whole[start : start + 16_384] for start in range(0, len(whole) or 1, 16_384)]
    flags = [0] * (len(pieces) - 1) + [END_HEADERS]
    first = frame(HEADERS, pieces[0], flags=flags[0] | (END_STREAM if end else 0))
    return first + b"".join(
        frame(CONTINUATION, *rest[:1], flags=rest[1]) for rest in zip(pieces[1:], flags[1:], strict=True)
    )


def message(content: bytes, *, compressed: bool = False, length: int | None = None) -> bytes:
    """Write a gRPC message, as long as it says or not."""
    return bytes([compressed]) + (len(content) if length is None else length).to_bytes(4, "big") + content


def data(content: bytes, *, end: bool = False) -> bytes:
    return frame(DATA, content, flags=END_STREAM if end else 0)


@contextlib.contextmanager
def serving(act: Act, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Play an act on every connection; yield HOST:PORT."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []
    stopping = threading.Event()

    def play(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            act(stack.enter_context(tls.wrap_socket(connection, server_side=True)) if tls else connection)

    def accept() -> None:
        while not stopping.is_set():
            connection, _ = listener.accept()
            connections.append(connection)
            threads.append(threading.Thread(target=play, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    port = listener.getsockname()[1]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        stopping.set()
        socket.create_connection(("127.0.0.1", port)).close()
        accepting.join()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        listener.close()


def wait_for_request(connection: socket.socket) -> None:
    """Read until a request's headers have come whole."""
    received = b""
    while len(received) < len(PREFACE):
        received += _some(connection)
    received = received[len(PREFACE) :]
    while True:
        while len(received) < 9 or len(received) < 9 + int.from_bytes(received[:3], "big"):
            received += _some(connection)
        kind, flags = received[3], received[4]
        received = received[9 + int.from_bytes(received[:3], "big") :]
        if kind in {HEADERS, CONTINUATION} and flags & END_HEADERS:
            return


def drain(connection: socket.socket) -> None:
    """Take what comes until the client has gone."""
    while connection.recv(65_536):
        pass


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise ConnectionResetError
    return received


def _string(text: bytes) -> bytes:
    length = len(text)
    if length < 127:
        return bytes([length]) + text
    prefix, length = bytearray([127]), length - 127
    while length >= 128:
        prefix.append(length % 128 + 128)
        length //= 128
    return bytes([*prefix, length]) + text
