"""Characters that act on a terminal, in every text that a server sends."""

from tests.fake_server import answer, problem
from tests.hostile.case import Case, malformed, sized, unavailable, used
from tests.long_mode import pick
from tests.samples import GET, ID, OTHER_ID, PROJECT, ROTATE

ACTING = "".join(
    [
        *map(chr, range(0x20)),
        *map(chr, range(0x7F, 0xA0)),
        "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ]
)
NOT_IN_A_HEADER = "\0\n\r\v\f"
SEQUENCES = {
    "clear": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;ZXZpbA==\x1b\\",
    "link": "\x1b]8;;http://evil.test\x1b\\text\x1b]8;;\x1b\\",
    "answerback": "\x1b[c\x1b[6n\x05",
    "charset": "\x0e\x1b(0",
    "8-bit CSI": "\x9b2J\x9d0;t\x9c",
    "device control": '\x1bP$q"p\x1b\\\x90',
    "bidirectional": "\u202egpj.exe\u2066",
    "return": "ok\r\x1b[Kroot# ",
    "backspace": "evil\b\b\b\bgood",
    "line separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "all": ACTING,
}
TOPOLOGY = f"mesh topology --domain {ID}"
PEERS = f"peer list --domain {ID}"
TOKEN = f"bootstrap-token get --project {ID} --token-id {OTHER_ID}"
ISSUE = f"bootstrap-token issue --project {ID} --kind node --env-prefix dev --ttl 1h"


def everywhere(text: str) -> dict[str, Case]:
    """Put a text into every place of a response that is one."""
    project = {**PROJECT, "slug": text, "name": text, "created_at": text, text: [{text: text}]}
    peer = {"node_id": text, "mesh_ip": text, "reachability": text}
    edge = {"source_node_id": text, "target_node_id": text, "mode": text, "relay_node_id": text, "status": text}
    token = dict.fromkeys(("id", "project_id", "kind", "env_prefix", "issued_at", "expires_at"), text)
    issued = dict.fromkeys(("token_id", "token", "issued_at", "expires_at"), text)
    rotation = {"peer_id": text, "rotation_id": text, "already_pending": True}
    members = dict.fromkeys(("title", "detail", "code", "instance", "correlation_id", "request_id", text), text)
    raw = "".join(character for character in text if character not in NOT_IN_A_HEADER).encode()
    return {
        "a Project": used(answer(200, project), line=GET),
        "a topology": used(answer(200, {"nodes": [peer], "edges": [edge], text: text}), line=TOPOLOGY),
        "a Peer": used(answer(200, {"nodes": [peer], "edges": []}), line=PEERS),
        "a token": used(answer(200, token), line=TOKEN),
        "an issued token": used(answer(201, issued), line=ISSUE),
        "a rotation": used(answer(200, rotation), line=ROTATE),
        "a problem": unavailable(problem(500, **members, extra=[{text: [text]}]), status=500, line=GET),
        "an error that is no problem": unavailable(answer(500, raw), status=500, line=GET),
        "headers": unavailable(
            sized(b"", b"HTTP/1.1 500 %b\r\nX-Request-Id: %b\r\nX-Correlation-Id: %b\r\n" % (raw, raw, raw)),
            status=500,
        ),
        "a place to go": unavailable(sized(b"", b"HTTP/1.1 302 Found\r\nLocation: http://x/%b\r\n" % raw), status=302),
        "a status line": malformed(b"HTTP/1.1 20%b OK\r\n\r\n" % (raw or b"x")),
        "a header's name": malformed(b"HTTP/1.1 200 OK\r\n%b: a\r\n\r\n" % raw),
        "a chunk's size": malformed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b\r\n\r\n" % raw),
        "a coding": malformed(sized(b"{}", b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\n" % raw), status=200),
        "a member of another type": malformed(
            answer(200, {"nodes": [{**peer, "mesh_ip": 1, text: 2}], "edges": []}), status=200, line=TOPOLOGY
        ),
        "what is no JSON": malformed(answer(200, b"{" + raw), status=200, line=GET),
    }


CASES: dict[str, Case] = {
    f"{name} in {place}": case
    for name in pick(("all", "clipboard", "return"), tuple(SEQUENCES))
    for place, case in everywhere(SEQUENCES[name]).items()
}
