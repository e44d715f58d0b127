"""Signers that break HTTP/2: connections that end or fall silent, frames that are wrong or never end."""

from tests.hostile import http2
from tests.hostile.http2 import data, frame, message, settings
from tests.hostile.signer_case import (
    ANSWER,
    BODY,
    HEAD,
    MEGABYTE,
    OPENING,
    READY,
    Case,
    after_request,
    at_once,
    broken,
    ended,
    failed,
    overdue,
    without_end,
)

CASES: dict[str, Case] = {
    "silence from the start": overdue(http2.drain),
    "silence after the settings": overdue(at_once(READY)),
    "silence after the headers": overdue(after_request(OPENING)),
    "silence within a message": overdue(after_request(OPENING + data(message(BODY)[:9]))),
    "silence before the trailers": overdue(after_request(OPENING + ANSWER)),
    "half a frame": overdue(after_request(OPENING + ANSWER[:7])),
    "the connection closed at once": broken(lambda connection: connection.close()),
    "the connection closed after the request": broken(after_request(b"", close=True)),
    "the connection closed within a message": broken(after_request(OPENING + ANSWER[:-3], close=True)),
    "the connection closed before the trailers": broken(after_request(OPENING + ANSWER, close=True)),
    "a redirect in HTTP/1.1": broken(
        at_once(b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n")
    ),
    "a page in HTTP/1.1": broken(at_once(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")),
    "escapes in HTTP/1.1": broken(at_once(b"HTTP/1.1 400 \x1b[2J\x9b\r\n\r\n\x1b]0;t\x07")),
    "no HTTP at all": broken(at_once(b"\xff" * 10_000)),
    "a greeting that is no settings": broken(after_request(b"", greeting=frame(http2.PING, b"\0" * 8, stream=0))),
    "settings of odd length": broken(after_request(b"", greeting=frame(http2.SETTINGS, b"\0" * 5, stream=0))),
    "settings on a stream": broken(after_request(b"", greeting=frame(http2.SETTINGS, stream=1))),
    "settings beyond their bounds": broken(
        after_request(b"", greeting=settings((2, 7), (4, 2**32 - 1), (5, 1), (5, 2**32 - 1)))
    ),
    "settings that leave no window": overdue(after_request(b"", greeting=settings((4, 0), (3, 0)))),
    "unknown settings": Case(
        after_request(
            OPENING + ANSWER + ended(b"0"), greeting=settings(*((number, 1) for number in range(0x70, 0x90)))
        ),
        (None,),
    ),
    "GOAWAY at once": broken(at_once(READY + frame(http2.GOAWAY, b"\0" * 8, stream=0))),
    "GOAWAY in place of an answer": broken(after_request(frame(http2.GOAWAY, b"\0" * 8, stream=0))),
    "GOAWAY with a megabyte": broken(
        after_request(frame(http2.GOAWAY, b"\0\0\0\1\0\0\0\x0b" + b"\x1b[2J" * 200_000, stream=0))
    ),
    "GOAWAY for calm": broken(
        after_request(frame(http2.GOAWAY, b"\0\0\0\0\0\0\0\x0btoo_many_pings", stream=0), close=True)
    ),
    "settings without end": overdue(without_end(READY * 1000)),
    "pings without end": overdue(without_end(frame(http2.PING, b"\0" * 8, stream=0) * 1000)),
    "window updates without end": broken(without_end(frame(http2.WINDOW_UPDATE, b"\0\0\0\1", stream=0) * 1000)),
    "unknown frames without end": overdue(without_end(frame(0xEE, b"\0" * 100, stream=0) * 1000)),
    "empty data without end": broken(without_end(data(b"") * 1000, OPENING)),
    "priorities without end": overdue(without_end(frame(2, b"\0" * 5) * 1000)),
    "continuations without end": broken(
        without_end(frame(http2.CONTINUATION, b"\0" * 100) * 100, frame(http2.HEADERS, b""))
    ),
    "a frame of sixteen megabytes": broken(after_request(b"\xff\xff\xff\x00\x00\0\0\0\1" + b"\0" * MEGABYTE)),
    "a window past its end": broken(after_request(frame(http2.WINDOW_UPDATE, b"\x7f\xff\xff\xff", stream=0) * 2)),
    "a window that does not grow": broken(after_request(frame(http2.WINDOW_UPDATE, b"\0" * 4))),
    "a promise": broken(
        after_request(frame(http2.PUSH_PROMISE, b"\0\0\0\2" + http2.block(HEAD), flags=http2.END_HEADERS))
    ),
    "an answer on another stream": broken(
        after_request(frame(http2.HEADERS, http2.block(HEAD), flags=http2.END_HEADERS, stream=7))
    ),
    "data on no stream": broken(after_request(frame(http2.DATA, b"x", stream=0))),
    **{
        f"a stream reset with {code}": broken(after_request(frame(http2.RST_STREAM, code.to_bytes(4, "big"))))
        for code in (*range(11), 13, 255)
    },
    "a stream reset for calm": failed(after_request(frame(http2.RST_STREAM, b"\0\0\0\x0b")), "rate_limited"),
    "a stream reset for security": failed(after_request(frame(http2.RST_STREAM, b"\0\0\0\x0c")), "denied", 77),
}
