"""Signers that break gRPC, or the service's own messages."""

import gzip

from tests.hostile import http2
from tests.hostile.http2 import data, frame, headers, message
from tests.hostile.signer_case import (
    ANSWER,
    BODY,
    ESCAPED,
    HEAD,
    LARGE,
    MEGABYTE,
    OPENING,
    Case,
    after_request,
    broken,
    ended,
    failed,
    only_trailers,
    used,
    whole,
    with_metadata,
    without_end,
)

HEADERS: dict[str, Case] = {
    "headers that are no HPACK": broken(after_request(frame(http2.HEADERS, b"\xff" * 50, flags=http2.END_HEADERS))),
    "no headers": broken(after_request(headers([], end=True))),
    "no status of HTTP": used(after_request(headers(HEAD[1:]) + ANSWER + ended(b"0"))),
    "a content type of HTML": broken(
        after_request(headers([HEAD[0], (b"content-type", b"text/html")]) + data(b"<html>\x1b[2J", end=True))
    ),
    "interim headers without end": broken(without_end(headers([(b":status", b"100")]) * 100)),
    **{
        f"HTTP {status.decode()}": broken(
            after_request(headers([(b":status", status), (b"content-type", b"text/plain")], end=True))
        )
        for status in (
            b"200",
            b"204",
            b"302",
            b"400",
            b"401",
            b"403",
            b"404",
            b"429",
            b"500",
            b"503",
            b"999",
            b"x",
            b"",
        )
    },
    **{
        f"HTTP {status.decode()}": failed(after_request(headers([(b":status", status)], end=True)), "denied", 77)
        for status in (b"401", b"403")
    },
    "metadata of seven kilobytes": used(with_metadata((b"x-a", b"x" * 7_000))),
    "metadata of sixty kilobytes": Case(with_metadata((b"x-a", b"x" * 60_000)), LARGE),
    "metadata of a megabyte": Case(with_metadata((b"x-a", b"x" * MEGABYTE)), LARGE),
    "ten thousand metadata": Case(with_metadata(*[(b"x-a", b"b")] * 10_000), LARGE),
    "metadata of control characters": used(with_metadata((b"x-a", b"\x1b\r\n\0"))),
    "metadata with a name in capitals": broken(with_metadata((b"X-A\x1b", b"b"))),
}

STATUSES: dict[str, Case] = {
    **{
        f"status {status.decode()}": failed(only_trailers((b"grpc-status", status), (b"grpc-message", b"m")))
        for status in (b"2", b"17", b"99", b"2147483648", b"-1", b"abc", b"", b"\x1b", b"1 3")
    },
    "a status given twice": failed(only_trailers((b"grpc-status", b"0"), (b"grpc-status", b"5")), "not_found", 4),
    "control characters in the details": failed(only_trailers((b"grpc-status", b"13"), (b"grpc-message", ESCAPED))),
    "raw control characters in the details": broken(
        only_trailers((b"grpc-status", b"13"), (b"grpc-message", b"\x1b[2J\x9b\xff"))
    ),
    "broken escapes in the details": failed(
        only_trailers((b"grpc-status", b"13"), (b"grpc-message", b"%zz%1%%ff%C3%28%ED%A0%80"))
    ),
    "lines in the details": failed(
        only_trailers((b"grpc-status", b"9"), (b"grpc-message", b"a%0Ab%0D%0Aplexctl: c")), "conflict"
    ),
    "a token in the details": failed(
        only_trailers((b"grpc-status", b"13"), (b"grpc-message", b"Bearer hostile-t0k3n is wrong"))
    ),
    "details of no message": failed(
        only_trailers((b"grpc-status", b"3"), (b"grpc-status-details-bin", b"!!!not base64"))
    ),
    "trailers only, of success": failed(only_trailers((b"grpc-status", b"0")), "malformed"),
    "no trailers": broken(after_request(OPENING + data(message(BODY), end=True))),
    "an answer and then a failure": failed(after_request(OPENING + ANSWER + ended(b"5", b"gone")), "not_found", 4),
    "trailers twice": used(after_request(OPENING + ANSWER + ended(b"0") + ended(b"5"))),
}

MESSAGES: dict[str, Case] = {
    "a message as it should be": used(whole(message(BODY))),
    "success without a message": failed(whole(), "malformed"),
    "two messages": broken(whole(message(BODY), message(BODY))),
    "an empty message": failed(whole(message(b"")), "malformed"),
    "a message of another type": failed(whole(message(b"\x0a\x02k1\x18\x05")), "malformed"),
    "a message that is no protobuf": failed(whole(message(b"\xff" * 20)), "malformed"),
    "a message cut short": failed(whole(message(BODY[:-2])), "malformed"),
    "a string that is not UTF-8": failed(whole(message(b"\x0a\x02\xff\xfe" + BODY[4:])), "malformed"),
    "a group without end": failed(whole(message(b"\x0b" * 10_000)), "malformed"),
    "a length beyond what came": failed(whole(message(BODY, length=len(BODY) + 9)), "malformed"),
    "a message of four gigabytes": failed(whole(message(BODY, length=2**32 - 1)), "rate_limited"),
    "a message without end": failed(
        without_end(data(b"x" * 16_000), OPENING + data(message(b"", length=2**31))), "rate_limited"
    ),
    "a message of five megabytes": failed(
        after_request(OPENING + data(message(b"", length=5 * MEGABYTE))), "rate_limited"
    ),
    "compressed, in no coding": broken(whole(message(BODY, compressed=True))),
    "gzip": used(
        whole(message(gzip.compress(BODY), compressed=True), head=headers([*HEAD, (b"grpc-encoding", b"gzip")]))
    ),
    "gzip that is none": broken(
        whole(message(BODY, compressed=True), head=headers([*HEAD, (b"grpc-encoding", b"gzip")]))
    ),
    "a gzip bomb": failed(
        whole(
            message(gzip.compress(b"\0" * 10 * MEGABYTE), compressed=True),
            head=headers([*HEAD, (b"grpc-encoding", b"gzip")]),
        ),
        "rate_limited",
    ),
    "an unknown coding": broken(
        whole(message(BODY, compressed=True), head=headers([*HEAD, (b"grpc-encoding", b"\x1bzstd")]))
    ),
    "control characters in the ids": used(whole(message(BODY.replace(b"k1", b"\x1b\x07")))),
}
CASES = {**HEADERS, **STATUSES, **MESSAGES}
