"""A response's body, decompressed and counted while it arrives."""

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

MEBIBYTE = 1 << 20
ERROR_BYTES = MEBIBYTE
SUCCESS_BYTES = 64 * MEBIBYTE
DESCRIPTION_BYTES = 16 * MEBIBYTE
TOPOLOGY_BYTES = 256 * MEBIBYTE

ACCEPTED_CODING = "gzip"
_PIECE_BYTES = 256 * 1024  # at most so many at once, since a few bytes can decompress to a thousand times as many
_WINDOW_BITS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class BodyTooLargeError(Exception):
    """The body is longer than the limit; `start` is its beginning, up to the limit."""

    def __init__(self, start: bytearray, limit_bytes: int) -> None:
        size = f"{limit_bytes} bytes" if limit_bytes % MEBIBYTE else f"{limit_bytes // MEBIBYTE} MiB"
        super().__init__(f"it is larger than {size} (--max-response)")
        self.start = start


class BrokenCodingError(Exception):
    """The body does not decode in the content coding that the response names, or nobody asked for that coding."""


def read_body(response: "httpx.Response", limit_bytes: int) -> bytearray:
    """Read the whole body into one growing buffer.

    Raises: BodyTooLargeError; BrokenCodingError; httpx.HTTPError.
    """
    body = bytearray()
    for piece in _decoded(response):
        body += piece
        if len(body) > limit_bytes:
            del body[limit_bytes:]
            raise BodyTooLargeError(body, limit_bytes)
    return body


def _decoded(response: "httpx.Response") -> Iterator[bytes]:
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in {"", "identity"}:
        yield from response.iter_raw()
    elif coding in _WINDOW_BITS:
        yield from _decompressed(response.iter_raw(), _WINDOW_BITS[coding])
    else:
        raise BrokenCodingError(f"its content coding {coding!r} was not asked for")


def _decompressed(chunks: Iterator[bytes], window_bits: int) -> Iterator[bytes]:
    """Decompress one stream after the other: gzip may have several members (RFC 1952, section 2.2)."""
    decompressor = zlib.decompressobj(window_bits)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if decompressor.eof:
                    decompressor = zlib.decompressobj(window_bits)
                yield decompressor.decompress(rest, _PIECE_BYTES)
                rest = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
    except zlib.error as error:
        raise BrokenCodingError(f"its content coding is broken: {error}") from None
    if not decompressor.eof:
        raise BrokenCodingError("its content coding ends too early")
