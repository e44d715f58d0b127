"""The content of a request: its headers checked, its body read and decoded, never beyond the operation's ceiling."""

import asyncio
import zlib

from starlette.requests import Request

from plexctl.local.control.base import reasons
from plexctl.local.control.base.fields import ECHOED
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.http.bodies import BodyRule

BODY_SECONDS = 10  # for a whole body
GZIP_OVERHEAD = 1024  # bytes: what gzip may add to content that it cannot compress
_GZIP = {"gzip", "x-gzip"}  # RFC 9110, section 8.4.1.3: the two are one
_PLAIN = {"", "identity"}


async def read(request: Request, rule: BodyRule) -> bytes | Refusal:
    """Read and decode the body, or return the refusal of it, for the operation to raise once it knows its caller.

    A body without a media type is read as the operation's own (RFC 9110, section 8.3, leaves that to the recipient).
    """
    try:
        _check_media_type(request, rule)
        coding = _coding(request)
        async with asyncio.timeout(BODY_SECONDS):
            return await _decode(request, rule, coding)
    except TimeoutError:
        return Refusal(reasons.REQUEST_TIMEOUT, f"the request body did not arrive within {BODY_SECONDS} s")
    except Refusal as refusal:
        return refusal


def _check_media_type(request: Request, rule: BodyRule) -> None:
    given = ", ".join(request.headers.getlist("content-type"))
    if given.partition(";")[0].strip().lower() not in {"", rule.media_type}:
        detail = f"the media type {given[:ECHOED]!r} is not accepted; send {rule.media_type}"
        raise Refusal(reasons.UNSUPPORTED_MEDIA_TYPE, detail)


def _coding(request: Request) -> str:
    given = ", ".join(request.headers.getlist("content-encoding"))
    coding = given.strip().lower()
    if coding not in _GZIP | _PLAIN:
        detail = f"the content coding {given[:ECHOED]!r} is not accepted; send gzip, or none"
        raise Refusal(reasons.UNSUPPORTED_CONTENT_CODING, detail)
    return coding


async def _decode(request: Request, rule: BodyRule, coding: str) -> bytes:
    decoder = _Gzip(rule) if coding in _GZIP else _Plain(rule)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > decoder.max_received:
        raise decoder.too_large()
    async for chunk in request.stream():
        decoder.feed(chunk)
    return decoder.content()


class _Plain:
    """Collects a body that is not encoded."""

    def __init__(self, rule: BodyRule) -> None:
        self.max_received = rule.max_bytes
        self._rule = rule
        self._received = 0
        self._content = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take a piece of the body as it was received."""
        self._received += len(chunk)
        self._append(chunk)
        if self._received > self.max_received or len(self._content) > self._rule.max_bytes:
            raise self.too_large()

    def content(self) -> bytes:
        """Return the whole body, decoded."""
        return bytes(self._content)

    def too_large(self) -> Refusal:
        return Refusal(self._rule.too_large, f"the request body is larger than {self._rule.max_bytes} bytes")

    def _append(self, chunk: bytes) -> None:
        self._content += chunk


class _Gzip(_Plain):
    """Collects a body in gzip (RFC 1952), which may have several members; never inflates past the ceiling."""

    def __init__(self, rule: BodyRule) -> None:
        super().__init__(rule)
        self.max_received += GZIP_OVERHEAD
        self._member = zlib.decompressobj(wbits=31)

    def content(self) -> bytes:
        """Return the whole body, decoded."""
        if not self._member.eof:
            raise self._damaged()
        return super().content()

    def _append(self, chunk: bytes) -> None:
        while chunk and len(self._content) <= self._rule.max_bytes:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            try:
                self._content += self._member.decompress(chunk, self._rule.max_bytes + 1 - len(self._content))
            except zlib.error:
                raise self._damaged() from None
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def _damaged(self) -> Refusal:
        return Refusal(self._rule.malformed, "the request body is not a whole gzip stream")
