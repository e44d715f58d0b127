"""JSON that is deep, huge, ambiguous or not JSON, and problem documents whose members are of other types."""

import json

from tests.fake_server import answer
from tests.hostile.case import EMPTY, Case, malformed, sized, unavailable, used
from tests.long_mode import pick
from tests.samples import GET, ID, PROJECT, ROTATE

WHOLE = json.dumps(PROJECT).encode()
MEGABYTE = b"x" * (1 << 20)
DOMAIN = {**PROJECT, "mesh_cidr": "10.0.0.0/24"}
DEEP = 200_000
PREVIEW = f"{ROTATE} --dry-run"
OTHER_TYPES: tuple[object, ...] = (None, True, 0, -1.5, 10**30, "", [], {}, ["\x1b[2J"], {"a": {"b": "c"}}, "x" * 900)
MEMBERS = ("type", "title", "status", "detail", "instance", "code", "correlation_id", "reason", "request_id", "kind")


def success(body: bytes) -> bytes:
    return answer(200, body)


def refused(body: bytes) -> Case:
    """Expect that a success's body is refused."""
    return malformed(success(body), status=200, line=GET)


def kept(member: bytes) -> Case:
    """Expect that a Project with one more member is shown."""
    return used(success(WHOLE[:-1] + b"," + member + b"}"), line=GET)


def typed(media_type: str) -> Case:
    return used(sized(EMPTY, f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n".encode()))


def error(body: bytes, media_type: str = "application/problem+json") -> Case:
    return unavailable(answer(500, body, media_type=media_type), status=500, line=GET)


def preview(digits: bytes, peer_id: bytes = b"p") -> bytes:
    counts = b'"affected_peer_count":%b,"affected_edges":[],"estimated_duration_seconds":0' % digits
    return success(b'{"peer_id":"%b",%b,"already_pending":false}' % (peer_id, counts))


CASES: dict[str, Case] = {
    "no content type": used(sized(EMPTY, b"HTTP/1.1 200 OK\r\n")),
    "a content type of HTML": typed("text/html"),
    "a content type of another charset": typed("application/json; charset=utf-16"),
    "a content type of nonsense": typed("\x9b;;=="),
    "a page in HTML": refused(b"<!doctype html><title>Sign in</title>"),
    "a byte order mark": refused(b"\xef\xbb\xbf" + WHOLE),
    "UTF-16": refused(WHOLE.decode().encode("utf-16")),
    "UTF-32": refused(WHOLE.decode().encode("utf-32")),
    "a NUL after the document": refused(WHOLE + b"\x00"),
    "two documents": refused(WHOLE + WHOLE),
    "a byte that is not UTF-8": refused(WHOLE[:-1] + b',"a":"\xff"}'),
    "an overlong character": refused(WHOLE[:-1] + b',"a":"\xc0\xaf"}'),
    "half a character in UTF-8": refused(WHOLE[:-1] + b',"a":"\xed\xa0\x80"}'),
    "a control character in a string": refused(WHOLE[:-1] + b',"a":"\x1b"}'),
    "a comment": refused(b"/* c */" + WHOLE),
    "a trailing comma": refused(WHOLE[:-1] + b",}"),
    "single quotes": refused(WHOLE.replace(b'"', b"'")),
    "deep lists": refused(b"[" * DEEP),
    "deep objects": refused(b'{"a":' * DEEP),
    "deep lists in a member": refused(WHOLE[:-1] + b',"a":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "NaN": refused(WHOLE[:-1] + b',"a":NaN}'),
    "an exponent without measure": kept(b'"a":1e999999999'),
    "an integer of a hundred thousand digits": kept(b'"a":' + b"9" * 100_000),
    "a count beyond all measure": malformed(preview(b"9" * 5000), status=200, line=PREVIEW),
    "a count below zero": used(preview(b"-1"), line=PREVIEW),
    "a name of a megabyte": kept(b'"' + MEGABYTE + b'":1'),
    "a string of a megabyte": kept(b'"a":"' + MEGABYTE + b'"'),
    "ten thousand members": kept(b",".join(b'"a%d":0' % number for number in range(10_000))),
    "a name given a thousand times": kept(b",".join([b'"id":"x"'] * 1000)),
    "an id given twice, once of another type": refused(WHOLE[:-1] + b',"id":1}'),
    "half a character": kept(rb'"a":"\ud800","\udfff":"\ud800\ud800"'),
    "half a character beside a count": used(preview(b"1", rb"\ud800"), line=PREVIEW),
    "half a character beside deep lists": refused(WHOLE[:-1] + rb',"a":"\ud800","b":' + b"[" * 900 + b"]" * 900 + b"}"),
    "half a character beside deep objects": refused(
        WHOLE[:-1] + rb',"\ud800":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}"
    ),
    "half a character in deep members": malformed(
        success(
            json.dumps(DOMAIN).encode()[:-1] + b',"reachability":{"a":' + b"[" * 900 + rb'"\ud800"' + b"]" * 900 + b"}}"
        ),
        status=200,
        line=f"domain get {ID}",
    ),
    "half a character in a list of Nodes": used(
        success(rb'{"\udfff":"","nodes":[{"node_id":"a\ud800","mesh_ip":"\udfffb","reachability":""}],"edges":[]}'),
        line=f"peer list --domain {ID}",
    ),
    "an empty name": kept(b'"":{"":[""]}'),
    "names of Python's own": kept(b'"__class__":"x","__init__":{},"self":1,"items":[]'),
    "an id that leads elsewhere": used(success(WHOLE.replace(ID.encode(), b"../../../etc/passwd")), line=GET),
    "an error in HTML": error(b"<html>\x1b[2J</html>", "text/html"),
    "an error of deep lists": error(b"[" * DEEP),
    "an error of deep objects in a member": error(b'{"title":"t","a":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}"),
    "an error of a megabyte of spaces": error(b" " * (1 << 20)),
    "an error that says it is none": error(b'{"title":"OK","status":200,"exit_code":0,"error":null}'),
    "an error that is a success's document": error(WHOLE),
    "an error that is a string": error(b'"\\u001b[2J"'),
    "an error in UTF-16": error('{"title":"t"}'.encode("utf-16")),
    "an error of no bytes": error(b""),
    **{
        f"an error whose {member} is {json.dumps(value)[:20]}": error(
            json.dumps({"title": "t", "detail": "d", member: value}).encode()
        )
        for member in MEMBERS
        for value in pick(OTHER_TYPES[:8:2], OTHER_TYPES)
    },
    **{
        f"an error with every member {json.dumps(value)[:20]}": error(
            json.dumps(dict.fromkeys(MEMBERS, value)).encode()
        )
        for value in OTHER_TYPES
    },
}
