"""Content codings that are broken, unknown, or grow without measure."""

import gzip
import zlib
from functools import cache

from tests.fake_server import Act
from tests.hostile.case import EMPTY, OK, Case, chunk, malformed, overdue, pour, sized, unavailable, used
from tests.samples import GET

MEBIBYTE = 1 << 20
BLANKS = b" " * MEBIBYTE
GZIP_HEAD = gzip.compress(b"")[:10]


@cache
def _mebibyte() -> bytes:
    """Return a mebibyte of blanks as a piece of a deflate stream that can be repeated."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(BLANKS) + compressor.flush(zlib.Z_FULL_FLUSH)


def head(coding: str, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nContent-Encoding: " + coding.encode() + b"\r\n"


def coded(coding: str, body: bytes) -> bytes:
    return sized(body, head(coding))


def bomb(status: bytes = b"200 OK") -> Act:
    """Send gzip that never ends, and decompresses to a thousand times its size."""
    return pour(head("gzip", status) + b"\r\n" + GZIP_HEAD, _mebibyte() * 64)


def members_without_end(member: bytes) -> Act:
    return pour(head("gzip") + b"\r\n", member * 1000)


PACKED = gzip.compress(EMPTY)
RAW_DEFLATE = zlib.compress(EMPTY)[2:-4]
HALVES = gzip.compress(EMPTY[:5]) + gzip.compress(EMPTY[5:])
FLIPPED = PACKED[:15] + bytes([PACKED[15] ^ 0xFF]) + PACKED[16:]
BOMBS: dict[str, Case] = {
    "gzip without end": malformed(bomb(), status=200),
    "gzip without end in an error": Case([bomb(b"404 Not Found")], "not_found", 404, GET, 4),
    "a plain body without end": malformed(pour(OK + b"\r\n", BLANKS), status=200),
    "chunks without end": malformed(pour(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk(BLANKS)), status=200),
    "a plain error without end": Case([pour(b"HTTP/1.1 422 No\r\n\r\n", BLANKS)], "refused", 422, GET, 2),
    "members of gzip without end": malformed(members_without_end(gzip.compress(BLANKS)), status=200),
    "gzip of gzip, named once": malformed(coded("gzip", gzip.compress(gzip.compress(EMPTY))), status=200),
    "gzip of gzip, named twice": malformed(coded("gzip, gzip", gzip.compress(PACKED)), status=200),
}
CASES: dict[str, Case] = {
    **BOMBS,
    "empty members of gzip without end": overdue(members_without_end(gzip.compress(b""))),
    "empty blocks of deflate without end": overdue(
        pour(head("gzip") + b"\r\n" + GZIP_HEAD, b"\x00\x00\x00\xff\xff" * 10_000)
    ),
    "two members of gzip": used(coded("gzip", HALVES)),
    "a member of gzip after the last byte of JSON": malformed(coded("gzip", PACKED + gzip.compress(b"]")), status=200),
    "bytes of no coding after gzip": malformed(coded("gzip", PACKED + b"no gzip"), status=200),
    "half a member of gzip": malformed(coded("gzip", PACKED + PACKED[:12]), status=200),
    "gzip whose checksum is wrong": malformed(coded("gzip", PACKED[:-8] + b"\x00" * 4 + PACKED[-4:]), status=200),
    "gzip whose length is wrong": malformed(coded("gzip", PACKED[:-1] + b"\x09"), status=200),
    "gzip with a byte flipped": malformed(coded("gzip", FLIPPED), status=200),
    "gzip that ends too early": malformed(coded("gzip", PACKED[:-3]), status=200),
    "gzip of no bytes": malformed(coded("gzip", b""), status=200),
    "gzip with a long name in its head": used(
        coded("gzip", b"\x1f\x8b\x08\x08" + b"\0" * 4 + b"\0\3" + b"n" * 100_000 + b"\0" + PACKED[10:])
    ),
    "plain text said to be gzip": malformed(coded("gzip", EMPTY), status=200),
    "gzip that is not named": malformed(sized(PACKED), status=200),
    "deflate in zlib's form": used(coded("deflate", zlib.compress(EMPTY))),
    "deflate with a broken head": malformed(coded("deflate", b"\x78\x00" + RAW_DEFLATE), status=200),
    "deflate with a dictionary": malformed(coded("deflate", b"\x78\xbb\x00\x00\x00\x01" + RAW_DEFLATE), status=200),
    "compress": malformed(coded("compress", b"\x1f\x9d\x90"), status=200),
    "br": malformed(coded("br", EMPTY), status=200),
    "zstd": malformed(coded("zstd", b"\x28\xb5\x2f\xfd"), status=200),
    "identity": used(coded("identity", EMPTY)),
    "a coding of nonsense": malformed(coded("x" * 5000, EMPTY), status=200),
    "codings in two headers": malformed(sized(PACKED, head("gzip") + b"Content-Encoding: br\r\n"), status=200),
    "an error in an unknown coding": unavailable(sized(b"\x00", head("br", b"500 No")), status=500),
    "an error in broken gzip": unavailable(sized(PACKED[:-3], head("gzip", b"500 No")), status=500),
}
