"""Headers that would lead a client elsewhere, or tell it when to come again."""

from tests.hostile.case import EMPTY, JSON, Case, sized, unavailable, used
from tests.long_mode import pick
from tests.samples import CREATE, LIST

AT_ONCE_OR_IGNORED = (
    "0", "-1", "-0", "+1", "1.5", "1e9", "0x10", "", "soon", "\x9b2J", "1, 2", "(((", '"',
    "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 31 Feb 2026 25:61:61 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994", "Wed, 21 Oct 2015 07:28:00 +9999",
)  # fmt: skip
TOO_LATE = ("61", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -0000")
PLACES = (
    "/v1/projects",
    "",
    "//evil.test/",
    "file:///etc/passwd",
    "http://[",
    "javascript:alert(1)",
    "\x9b2J",
    "a" * 600,
)
DATES = ("", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 99999 23:59:59 GMT", "\x9b")


def headed(status: bytes, name: str, value: str) -> bytes:
    return sized(
        EMPTY,
        b"HTTP/1.1 %b\r\nConnection: close\r\n%b%b: %b\r\n" % (status, JSON, name.encode(), value.encode("latin-1")),
    )


CASES: dict[str, Case] = {
    **{
        f"{status} to {place[:20]!r}, {line.split()[1]}": unavailable(
            headed(b"%d Moved" % status, "Location", place), status=status, line=line
        )
        for status in pick((302, 307), (300, 301, 302, 303, 307, 308))
        for place in PLACES
        for line in (LIST, CREATE)
    },
    **{
        f"Retry-After {value[:32]!r}": used(headed(b"503 Busy", "Retry-After", value), sized(EMPTY))
        for value in AT_ONCE_OR_IGNORED
    },
    **{
        f"Retry-After {value[:32]!r}": unavailable(headed(b"503 Busy", "Retry-After", value), status=503)
        for value in TOO_LATE
    },
    **{f"Date {value!r}": used(headed(b"200 OK", "Date", value)) for value in DATES},
    "a cookie": used(headed(b"200 OK", "Set-Cookie", "session=1; Path=/; Max-Age=99999999999999999999")),
    "a refresh": used(headed(b"200 OK", "Refresh", "0; url=file:///etc/passwd")),
    "a demand to sign in": Case(
        [headed(b"401 Unauthorized", "WWW-Authenticate", "Negotiate, Basic realm=\x9b")], "credential", 401, LIST, 3
    ),
    "a demand of a proxy": unavailable(headed(b"407 Proxy", "Proxy-Authenticate", "Basic"), status=407),
    "another service": used(headed(b"200 OK", "Alt-Svc", 'h3=":443"; ma=2592000')),
    "strict transport": used(headed(b"200 OK", "Strict-Transport-Security", "max-age=99999999")),
}
