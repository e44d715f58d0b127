"""Lengths, chunks and interim responses that contradict each other, or never end."""

from tests.hostile.case import (
    CHUNKED,
    EMPTY,
    OK,
    Case,
    chunk,
    drip,
    malformed,
    overdue,
    pour,
    sized,
    stall,
    unavailable,
    used,
)
from tests.samples import DELETE, GET

GOOD = sized(EMPTY)
END = b"0\r\n\r\n"


def length(value: bytes) -> bytes:
    """Answer with a Content-Length of one's own."""
    return OK + b"Content-Length: " + value + b"\r\n\r\n" + EMPTY


def coding(value: bytes) -> bytes:
    """Answer in chunks, with a Transfer-Encoding of one's own."""
    return OK + b"Transfer-Encoding: " + value + b"\r\n\r\n" + chunk(EMPTY) + END


REPEATED = b"Content-Length: %d\r\n" % len(EMPTY)
CASES: dict[str, Case] = {
    "the same length twice": used(sized(EMPTY, OK + REPEATED)),
    "two lengths that differ": malformed(OK + REPEATED + b"Content-Length: 1\r\n\r\n" + EMPTY),
    "a list of lengths that differ": malformed(length(b"13, 14")),
    "a negative length": malformed(length(b"-1")),
    "a length with a sign": malformed(length(b"+13")),
    "a length in hexadecimal": malformed(length(b"0xd")),
    "a length with a blank": malformed(length(b"1 3")),
    "an empty length": malformed(length(b"")),
    "a length of other digits": malformed(length("١٣".encode())),
    "a length of forty digits": malformed(length(b"9" * 40)),
    "a length of eight exabytes": unavailable(length(b"9" * 19)),
    "a length too short": malformed(length(b"5"), status=200),
    "a length too long": unavailable(length(b"14")),
    "a length of zero": malformed(length(b"0"), status=200),
    "a length beside chunks": used(OK + REPEATED + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(EMPTY) + END),
    "no length at all": used(OK + b"\r\n" + EMPTY),
    "bytes after the body": used(GOOD + b"HTTP/1.1 500 No\r\n\r\n"),
    "chunks that drip": overdue(drip(CHUNKED, b"1\r\n \r\n")),
    "a chunk's size that drips": overdue(drip(CHUNKED, b"0")),
    "a chunk's extension that drips": overdue(drip(CHUNKED + b"1;x=", b"x")),
    "a chunk's data that drips": overdue(drip(CHUNKED + b"ffffff\r\n", b" ")),
    "a chunk's extension": used(CHUNKED + b'd;a="b;c";d\r\n' + EMPTY + b"\r\n" + END),
    "a chunk's extension without end": malformed(pour(CHUNKED + b"d;x=", b"x" * 65536)),
    "a chunk's size without end": malformed(pour(CHUNKED, b"1" * 65536)),
    "a chunk's size of letters": malformed(CHUNKED + b"xyz\r\n" + EMPTY + b"\r\n" + END),
    "a negative chunk": malformed(CHUNKED + b"-d\r\n" + EMPTY + b"\r\n" + END),
    "a chunk's size with 0x": malformed(CHUNKED + b"0xd\r\n" + EMPTY + b"\r\n" + END),
    "an empty chunk's size": malformed(CHUNKED + b"\r\n" + EMPTY + b"\r\n" + END),
    "a chunk of sixteen exabytes": unavailable(CHUNKED + b"f" * 16 + b"\r\n" + EMPTY),
    "a chunk longer than its size": malformed(CHUNKED + b"5\r\n" + EMPTY + b"\r\n" + END),
    "an escape for a chunk's size": malformed(CHUNKED + b"\x1b[2J\r\n"),
    "chunks of a byte each": used(CHUNKED + b"".join(chunk(b"%c" % byte) for byte in EMPTY + b" " * 5000) + END),
    "trailers": used(CHUNKED + chunk(EMPTY) + b"0\r\nX-A: b\r\nContent-Length: 1\r\nSet-Cookie: a=b\r\n\r\n"),
    "broken trailers": malformed(CHUNKED + chunk(EMPTY) + b"0\r\nno colon\r\n\r\n"),
    "trailers that drip": overdue(drip(CHUNKED + chunk(EMPTY) + b"0\r\n", b"X-A: b\r\n")),
    "trailers without end": malformed(pour(CHUNKED + chunk(EMPTY) + b"0\r\n", b"X-A: b\r\n" * 4096)),
    "a transfer coding twice": malformed(coding(b"chunked, chunked")),
    "a transfer coding unknown": malformed(coding(b"gzip, chunked")),
    "a transfer coding of nonsense": malformed(coding(b"\x9bnonsense")),
    "one interim response": used(b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD),
    "a hundred interim responses": used(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100 + GOOD),
    "interim responses without end": overdue(pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)),
    "interim responses that drip": overdue(drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n")),
    "an interim response alone": overdue(stall(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "another protocol at once": malformed(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
    ),
    "204 with a body, where one is needed": malformed(
        b"HTTP/1.1 204 No Content\r\nContent-Length: 13\r\n\r\n" + EMPTY, status=204, line=GET
    ),
    "204 with a body, where none is needed": used(
        b"HTTP/1.1 204 No Content\r\nContent-Length: 13\r\n\r\n" + EMPTY, line=DELETE
    ),
    "304 with a body": unavailable(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 13\r\n\r\n" + EMPTY, status=304),
    "205": malformed(b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", status=205),
    "206": used(sized(EMPTY, b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-12/99\r\n")),
}
