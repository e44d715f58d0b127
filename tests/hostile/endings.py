"""Connections that end, or fall silent, at every stage of a response."""

import json

from tests.hostile.case import (
    CHUNKED,
    EMPTY,
    OK,
    Case,
    drip,
    half_close,
    keep_alive,
    overdue,
    reset,
    sized,
    stall,
    used,
)
from tests.hostile.case import unavailable as broken
from tests.samples import LIST, PROJECT

ALL = f"{LIST} --all"
PAGE = sized(json.dumps({"items": [PROJECT], "next_cursor": "b"}).encode())
STAGES = {
    "any byte": b"",
    "the status": b"HTTP/1.1 2",
    "the reason": b"HTTP/1.1 200 O",
    "a header's name": OK + b"X-",
    "a header's value": OK + b"X-A: b",
    "the last header": OK + b"Content-Length: 13\r\n",
    "the blank line": OK + b"Content-Length: 13\r\n\r",
    "the body": OK + b"Content-Length: 13\r\n\r\n",
    "the body's end": OK + b"Content-Length: 13\r\n\r\n" + EMPTY[:-1],
    "a chunk's size": CHUNKED,
    "a chunk's size's end": CHUNKED + b"d",
    "a chunk's data": CHUNKED + b"d\r\n",
    "a chunk's end": CHUNKED + b"d\r\n" + EMPTY[:-1],
    "the last chunk": CHUNKED + b"d\r\n" + EMPTY + b"\r\n",
    "a trailer's end": CHUNKED + b"d\r\n" + EMPTY + b"\r\n0\r\nX-A: b\r\n",
    "the trailers": CHUNKED + b"d\r\n" + EMPTY + b"\r\n0\r\n",
    "the final response": b"HTTP/1.1 100 Continue\r\n\r\n",
    "the error's body": b"HTTP/1.1 404 Not Found\r\nContent-Length: 90\r\n\r\n{",
}
CASES: dict[str, Case] = {
    **{f"RST before {stage}": broken(reset(start)) for stage, start in STAGES.items()},
    **{f"FIN before {stage}": broken(half_close(start)) for stage, start in STAGES.items()},
    **{f"silence before {stage}": overdue(stall(start)) for stage, start in STAGES.items()},
    "FIN after a body without a length": used(half_close(OK + b"\r\n" + EMPTY)),
    "a body that drips": overdue(drip(OK + b"Content-Length: 1000000\r\n\r\n[", b" ")),
    "an error's body that drips": overdue(drip(b"HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\n{", b" ")),
    "FIN in place of the second page": broken(keep_alive(PAGE, end=half_close(b"")), line=ALL),
    "RST in place of the second page": broken(keep_alive(PAGE, end=reset(b"")), line=ALL),
    "FIN within the second page": broken(keep_alive(PAGE, end=half_close(PAGE[:-9])), line=ALL),
    "the second page on the same connection": used(keep_alive(PAGE, sized(EMPTY)), line=ALL),
    "each page on a connection of its own": used(
        PAGE.replace(b"Content-Length", b"Connection: close\r\nContent-Length"), sized(EMPTY), line=ALL
    ),
    "a connection kept in HTTP/1.0": used(
        PAGE.replace(b"1.1 200 OK", b"1.0 200 OK\r\nConnection: keep-alive"), sized(EMPTY), line=ALL
    ),
}
