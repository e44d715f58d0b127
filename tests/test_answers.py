"""Bodies that are not what the API describes, and what is kept of those that are."""

import json
import re

import pytest

from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import FORMATS, GET, ID, LIST, OTHER_ID, PROJECT, ROTATE
from tests.tables import table
from tests.yaml_document import load_yaml

TOPOLOGY = f"mesh topology --domain {ID}"
PEERS = f"peer list --domain {ID}"
PREVIEW = f"{ROTATE} --dry-run"
ISSUE = f"bootstrap-token issue --project {ID} --kind node --env-prefix dev --ttl 1h"
WHOLE = json.dumps(PROJECT).encode()


WRONG: list[object] = [1, True, [], {}]


def nested(depth):
    return b'{"a":' * depth + b"1" + b"}" * depth


@each("output", FORMATS)
@each(
    "body",
    [
        b"",
        b" ",
        b"<html>not json</html>",
        WHOLE[:-1],
        WHOLE[:40],
        WHOLE + b"}",
        WHOLE.replace(b"Edge Fleet", b"\xff\xfe"),
        "\ufeff{}".encode(),
        json.dumps(PROJECT).encode("utf-16"),
        b"null",
        b"true",
        b"7",
        b'"text"',
        b"[]",
        b"[" + WHOLE + b"]",
        b"{}",
        WHOLE[:-1] + b', "n": NaN}',
        WHOLE[:-1] + b', "n": -Infinity}',
        WHOLE[:-1] + b', "n": 01}',
        WHOLE[:-1] + b', "n": +1}',
        WHOLE[:-1] + b', "n": "\\ud800", "m": NaN}',
        WHOLE[:-1] + b', "n": "\xff"}',
        WHOLE[:-1] + b', "n": ' + nested(101) + b"}",
        WHOLE[:-1] + b', "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_success_that_is_not_the_document_described_is_malformed(against, server, body, output):
    server.play(answer(200, body))
    error = assert_failed(against(f"{GET} -o {output}"), output, 1)
    if error:
        assert (error["kind"], error["title"], error["status"]) == ("malformed", "Malformed Response", 200)
        assert error["request_id"] == server.requests[0].headers["x-request-id"]


def test_a_success_without_the_document_described_says_what_came(against, server):
    server.play(answer(204))
    said = against(GET).stderr
    assert said.startswith("plexctl: Malformed Response: the server reported success, but its response does not match")
    assert "it is empty (204, request " in said


@each("output", FORMATS)
@each(
    ("line", "document", "complaint"),
    [
        *((GET, {**PROJECT, name: None}, f"the response has no {name}") for name in PROJECT),
        *((GET, {k: v for k, v in PROJECT.items() if k != name}, f"the response has no {name}") for name in PROJECT),
        *((GET, {**PROJECT, "slug": wrong}, "slug in the response is not a string") for wrong in WRONG),
        (LIST, {}, "the response has no items"),
        (LIST, {"items": {}}, "items in the response is not a list"),
        (LIST, {"items": [PROJECT, None]}, "items[1] is not an object"),
        (LIST, {"items": [PROJECT, {**PROJECT, "id": 1}]}, "id in items[1] is not a string"),
        (LIST, {"items": [], "next_cursor": 5}, "next_cursor in the response is not a string"),
        (TOPOLOGY, {"nodes": []}, "the response has no edges"),
        (PEERS, {"nodes": [{"node_id": ID}], "edges": []}, "nodes[0] has no mesh_ip"),
        (ROTATE, {"peer_id": ID, "rotation_id": ID, "already_pending": "no"}, "is not true or false"),
        (
            PREVIEW,
            {"peer_id": ID, "affected_peer_count": True},
            "affected_peer_count in the response is not an integer",
        ),
        (PREVIEW, {"peer_id": ID, "affected_peer_count": 1.5}, "affected_peer_count in the response is not an integer"),
        (ISSUE, {"token_id": ID, "issued_at": "x", "expires_at": "y"}, "the response has no token"),
    ],
)
def test_a_field_that_is_missing_or_of_another_type_is_named(against, server, line, document, complaint, output):
    server.play(answer(200, document))
    outcome = against(f"{line} -o {output}")
    error = assert_failed(outcome, output, 1)
    assert complaint in (error["detail"] if error else outcome.stderr)


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_fields_unknown_to_plexctl_are_kept_in_the_servers_order(against, server, output):
    zeta: dict[str, object] = {"b": [1, -2.5, 1e22, True, None], "a": "é 漢 🦊"}
    document = {"zeta": zeta, **PROJECT, "alpha": 2**70, "": [[], {}]}
    server.play(answer(200, document))
    outcome = against(f"{GET} -o {output}")
    assert outcome.code == 0
    assert "é 漢 🦊" in outcome.stdout
    loaded = json.loads(outcome.stdout) if output == "json" else load_yaml(outcome.stdout)
    if output == "yaml":  # PyYAML reads 1e+22 as YAML 1.1 does: a number has a point
        zeta["b"] = [1, -2.5, "1e+22", True, None]
    assert loaded == document
    assert list(loaded) == list(document)
    assert list(loaded["zeta"]) == ["b", "a"]


DIGITS = [
    "1e5",
    "100000.0",
    "1.10",
    "-0",
    "-0.0",
    "0.1234567890123456789",
    "12345678901234567890.5",
    "1e999",
    "9" * 5000,
]


@each("status", [200, 500])
@each("output", ["json", "yaml"])
@each("digits", DIGITS)
def test_a_number_stands_as_the_server_wrote_it(against, server, digits, output, status):
    body = WHOLE[:-1] + f', "deep": [{{"size": {digits}}}]}}'.encode()
    server.play(answer(status, body))
    outcome = against(f"project update {ID} --display-name x -o {output}")
    written = outcome.stdout if status == 200 else outcome.stderr
    assert re.search(rf'\bsize"?: {re.escape(digits)}\n', written)


@pytest.mark.parametrize("status", [200, 500])
def test_json_keeps_a_name_that_is_given_twice(against, server, status):
    server.play(answer(status, WHOLE[:-1] + b', "a": 1, "a": 2}'))
    outcome = against(f"project update {ID} --display-name x -o json")
    assert re.findall(r'"a": (\d)', outcome.stdout + outcome.stderr) == ["1", "2"]


@each("status", [200, 500])
@each("output", ["json", "yaml"])
@each(
    ("escape", "shown"),
    [
        (r"\u00e9", "é"),
        (r"\ud83e\udd8a", "🦊"),
        (r"\u0041", "A"),
        (r"\/", "/"),
        (r"\u001b[31m", "\x1b[31m"),
        (r"\u202e", "\u202e"),
        (r"\ud800", "\ud800"),
        (r"\udfff\ud83e", "\udfff\ud83e"),
        (r"\\u0041", r"\u0041"),
        (r"\\\u0041\"\n", '\\A"\n'),
        ("\x7f\\ud800", "\x7f\ud800"),
        ("\x7fd800", "\x7fd800"),
    ],
)
def test_an_escape_is_shown_as_its_character_unless_that_would_act(against, server, escape, shown, output, status):
    server.play(answer(status, WHOLE[:-1] + f', "deep": ["{escape}"]}}'.encode()))
    outcome = against(f"project update {ID} --display-name x -o {output}")
    written = outcome.stdout if status == 200 else outcome.stderr
    loaded = json.loads(written) if output == "json" else load_yaml(written)
    assert loaded.get("error", loaded)["deep"] == [shown]
    if shown.isprintable():
        assert (shown in written) or "\\" in shown or '"' in shown
    else:
        assert not set("\x1b\x7f\u202e") & set(written)


@pytest.mark.parametrize("output", FORMATS)
def test_half_a_character_in_a_field_is_taken_and_shown_as_its_escape(against, server, output):
    server.play(answer(200, WHOLE.replace(b"Edge Fleet", b"Edge\\ud800Fleet")))
    outcome = against(f"{GET} -o {output}")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert re.search(r"Edge\\u[dD]800Fleet", outcome.stdout)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b'{"id": "\\ud800"}', "the response has no domain_id"),
        (b'{"id": "\\ud800", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "it is nested too deeply"),
    ],
    ids=["a field missing", "too deep"],
)
def test_half_a_character_excuses_nothing_else(against, server, body, complaint):
    server.play(answer(200, body))
    error = assert_failed(against(f"{GET} -o json"), "json", 1)
    assert (error["kind"], error["status"]) == ("malformed", 200)
    assert complaint in error["detail"]


def test_a_number_that_no_field_can_hold_is_named(against, server):
    server.play(answer(200, b'{"peer_id": "p", "affected_peer_count": ' + b"1" * 5000 + b"}"))
    error = assert_failed(against(f"{PREVIEW} -o json"), "json", 1)
    assert "affected_peer_count: Integer value out of range" in error["detail"]


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_a_preview_begins_with_its_node_whether_the_server_names_it_or_not(against, server, output):
    preview = {"peer_id": OTHER_ID, "already_pending": False, "affected_peer_count": 0, "affected_edges": []}
    preview |= {"estimated_duration_seconds": 0}
    for document in (preview, {"node_id": ID, **preview}):
        server.play(answer(200, document))
        outcome = against(f"{PREVIEW} -o {output}")
        loaded = json.loads(outcome.stdout) if output == "json" else load_yaml(outcome.stdout)
        assert list(loaded.items()) == list({"node_id": ID, **preview}.items())


def test_json_is_what_the_server_sent(against, server):
    document = {"items": [{**PROJECT, "more": [1, {"x": "y"}]}], "next_cursor": "c", "took": 1.5}
    server.play(answer(200, json.dumps(document).encode()))
    assert against(f"{LIST} -o json").stdout == json.dumps(document, indent=2) + "\n"


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_depth_that_is_not_absurd_is_kept(against, server, output):
    document = {**PROJECT, "deep": json.loads(nested(95))}
    server.play(answer(200, document))
    outcome = against(f"{GET} -o {output}")
    assert (json.loads if output == "json" else load_yaml)(outcome.stdout) == document


@each("output", FORMATS)
@each(
    "body",
    [
        b'{"title": "T", "n": NaN}',
        b'{"title": "T", "n": 1e999}',
        b'{"title": "T", "n": ' + nested(1000) + b"}",
        b"[" * 100_000,
        b'{"title": ["T"], "detail": {}, "code": 5, "instance": [], "correlation_id": 1}',
        b'{"kind": "usage", "exit_code": 0, "warnings": "w", "error": {}, "request_id": 5, "grpc_status": "OK"}',
        b"\xff\x00\x1b[2J" * 1000,
        b"null",
    ],
)
def test_a_problem_that_is_none_is_still_one_error(against, server, body, output):
    server.play(answer(500, body, media_type="application/problem+json"))
    outcome = against(f"project update {ID} --display-name x -o {output}")
    error = assert_failed(outcome, output, 1)
    assert "Unexpected" not in outcome.stderr
    assert len(outcome.stderr) < 2000
    if error:
        assert (error["kind"], error["status"], error["exit_code"]) == ("unavailable", 500, 1)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-05-01T12:00:00.999999999Z", "2026-05-01T12:00:00Z"),
        ("2026-05-01T14:00:00+02:00", "2026-05-01T12:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59-12:00"),
        ("2026-05-01T12:00:00", "2026-05-01T12:00:00"),
        ("yesterday", "yesterday"),
        ("", "-"),
    ],
)
def test_times_in_text_are_utc_or_left_as_they_are(against, server, sent, shown):
    server.play(answer(200, {**PROJECT, "created_at": sent}))
    outcome = against(GET)
    assert table(outcome.stdout)[0]["CREATED_AT"] == shown


def test_an_empty_success_to_a_command_without_a_payload_prints_nothing(against, server):
    for act in (answer(204), answer(200, {"unasked": 1}), answer(202, b"text")):
        server.play(act)
        for output in FORMATS:
            assert against(f"project delete {OTHER_ID} --yes -o {output}") == (0, "", "")


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_broken_content_encoding_is_malformed(against, server, encoding, output):
    server.play(answer(200, WHOLE, headers={"Content-Encoding": encoding}))
    error = assert_failed(against(f"{GET} -o {output}"), output, 1)
    assert error is None or error["kind"] == "malformed"
