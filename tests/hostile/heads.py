"""Status lines and header fields that are broken, huge, or never end."""

from tests.hostile.case import EMPTY, JSON, OK, Case, drip, malformed, overdue, pour, sized, unavailable, used

MANY = 100_000


def status(line: bytes) -> bytes:
    """Answer with a status line of one's own, and a body that would do."""
    return sized(EMPTY, line + b"\r\n" + JSON)


def field(line: bytes) -> bytes:
    """Answer well, with one more line in the head."""
    return sized(EMPTY, OK + line + b"\r\n")


CASES: dict[str, Case] = {
    "a status line that drips": overdue(drip(b"HTTP/1.1 200 ", b"O")),
    "a header that drips": overdue(drip(OK + b"X-Long: ", b"x")),
    "headers that drip without end": overdue(drip(OK, b"X-More: 1\r\n")),
    "a status line without end": malformed(pour(b"HTTP/1.1 200 ", b"O" * 65536)),
    "a header without end": malformed(pour(OK + b"X-Long: ", b"x" * 65536)),
    "headers without end": malformed(pour(OK, b"X-More: 1\r\n" * 4096)),
    "a header of a megabyte": malformed(field(b"X-Long: " + b"x" * (1 << 20))),
    "a hundred thousand headers": malformed(field(b"\r\n".join(b"X-%d: 1" % number for number in range(MANY)))),
    "a header's name of a megabyte": malformed(field(b"X" * (1 << 20) + b": 1")),
    "a status of two digits": malformed(status(b"HTTP/1.1 20 OK")),
    "a status of four digits": malformed(status(b"HTTP/1.1 2000 OK")),
    "a status of letters": malformed(status(b"HTTP/1.1 abc OK")),
    "a negative status": malformed(status(b"HTTP/1.1 -200 OK")),
    "status zero": malformed(status(b"HTTP/1.1 000 OK")),
    "status 99": malformed(status(b"HTTP/1.1 099 OK")),
    "status 600": unavailable(status(b"HTTP/1.1 600 OK"), status=600),
    "status 999": unavailable(status(b"HTTP/1.1 999 OK"), status=999),
    "no status": malformed(status(b"HTTP/1.1")),
    "no version": malformed(status(b"200 OK")),
    "a version of letters": malformed(status(b"HTTP/x.y 200 OK")),
    "HTTP/0.9": malformed(EMPTY + b"\r\n\r\n"),
    "HTTP/1.0": used(status(b"HTTP/1.0 200 OK")),
    "the preface of HTTP/2": malformed(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "frames of HTTP/2": malformed(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18 + b"\r\n\r\n"),
    "TLS to plain HTTP": malformed(b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n"),
    "a greeting of another protocol": malformed(b"220 mail.test ESMTP\r\n\r\n"),
    "blank lines before the status": malformed(b"\r\n" * 10 + status(b"HTTP/1.1 200 OK")),
    "only blank lines": malformed(b"\r\n" * 1000),
    "lines that end in LF alone": used(status(b"HTTP/1.1 200 OK").replace(b"\r\n", b"\n")),
    "an escape in the reason": unavailable(status(b"HTTP/1.1 500 \x1b[2J"), status=500),
    "a reason beyond ASCII": unavailable(status(b"HTTP/1.1 500 \x9b31m\xe2\x80\xae"), status=500),
    "a NUL in the status line": malformed(status(b"HTTP/1.1 200 \x00")),
    "a NUL in a header's value": malformed(field(b"X-A: a\x00b")),
    "a NUL in a header's name": malformed(field(b"X\x00A: b")),
    "an escape in a header's value": used(field(b"X-A: \x1b]0;title\x07")),
    "a bare CR in a header": malformed(field(b"X-A: a\rb")),
    "a header without a colon": malformed(field(b"X-A")),
    "a header without a name": malformed(field(b": a")),
    "a blank before the colon": malformed(field(b"X-A : a")),
    "a folded header": used(field(b"X-A: a\r\n  b")),
    "a fold before any header": malformed(sized(EMPTY, b"HTTP/1.1 200 OK\r\n folded\r\n" + JSON)),
    "a folded Content-Length": malformed(OK + b"Content-Length: 1\r\n 3\r\n\r\n" + EMPTY),
    "bytes of no encoding in a header": used(field(b"X-Request-Id: \xff\xfe\x9b\xe2\x80\xae")),
    "a request id of sixty kilobytes": used(field(b"X-Request-Id: " + b"r" * 60_000)),
}
