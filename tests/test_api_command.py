"""`plexctl api` sends one request with the credentials, retries, errors and exit codes of every other command."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer, problem
from tests.samples import FORMATS
from tests.waiting import PATIENCE_SECONDS

SENT = b'{"kind": "vm", "weight": 1.50, "big": 12345678901234567890}'


def test_what_has_no_command_of_its_own_can_be_done(admin, plane):
    project_id = plane.project()
    bridge = plane.resource(project_id, kind="bridge")
    relay = f"/v1/projects/{project_id}/resources/{bridge}/bridge/relay"

    put = admin(f"api PUT {relay} --field enabled=true --field listen_port=51820 -o json").json
    assert (put["enabled"], put["listen_port"]) == (True, 51820)
    assert admin(f"api GET {relay} -o json").json == put
    assert admin(f"api DELETE /v1/resources/{bridge} --yes") == (0, "", "")


def test_text_prints_what_json_prints(against, server):
    server.play(answer(200, {"items": [], "extra": "ä"}))
    assert against("api GET /v1/domains").stdout == against("api GET /v1/domains -o json").stdout
    assert against("api GET /v1/domains -o yaml").stdout == "items: []\nextra: ä\n"


@pytest.mark.parametrize("document", [b"[1, 2]", b'"text"', b"1.50", b"null"])
def test_any_json_is_an_answer(against, server, document):
    server.play(answer(200, document))
    assert "".join(against("api GET /v1/x").stdout.split()) == "".join(document.decode().split())


def test_an_answer_without_a_body_prints_nothing(against, server):
    server.play(answer(204, b""))
    assert against("api PUT /v1/x --field a=b") == (0, "", "")


@pytest.mark.parametrize("body", [b"<html>", b"{", b'{"a":1}x', b"\xff"])
def test_an_answer_that_is_not_json_is_malformed(against, server, body):
    server.play(answer(200, body))
    outcome = against("api GET /v1/x -o json")
    assert (outcome.code, outcome.error["kind"]) == (1, "malformed")


@each(
    ("fields", "body"),
    [
        ("", {}),
        ("--field a=b", {"a": "b"}),
        ("--field a=true --field b=false --field c=null", {"a": True, "b": False, "c": None}),
        ("--field a=5 --field b=-7 --field c=0", {"a": 5, "b": -7, "c": 0}),
        ("--field a=05 --field b=1.5 --field c=1e3 --field d=True", {"a": "05", "b": "1.5", "c": "1e3", "d": "True"}),
        ("--field a= --field b=c=d --field 'e=ä b'", {"a": "", "b": "c=d", "e": "ä b"}),
    ],
)
@each("method", ["POST", "PUT", "PATCH"])
def test_fields_are_members_of_the_body(against, server, method, fields, body):
    server.play(answer(200, {}))
    assert against(f"api {method} /v1/x {fields}").code == 0
    (request,) = server.requests
    assert (request.method, json.loads(request.body)) == (method, body)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_fields_are_query_parameters_where_there_is_no_body(against, server, method):
    server.play(answer(200, {}))
    assert against(f"api {method} /v1/x?a=1 --field b=true --field 'c=d e&f' --yes").code == 0
    (request,) = server.requests
    assert parse_qsl(urlsplit(request.target).query) == [("a", "1"), ("b", "true"), ("c", "d e&f")]
    assert request.body == b""


def test_a_file_and_stdin_are_sent_digit_for_digit(against, server, tmp_path):
    server.play(answer(200, {}))
    (tmp_path / "body.json").write_bytes(SENT)
    assert against("api POST /v1/x --input", tmp_path / "body.json").code == 0
    with (tmp_path / "body.json").open("rb") as file:
        child = against.start("api POST /v1/x --input -", stdin=file)
        assert child.communicate(timeout=PATIENCE_SECONDS)[1] == b""
    assert [request.body for request in server.requests] == [SENT, SENT]
    assert server.requests[0].headers["content-type"] == "application/json"


@each(
    ("line", "said"),
    [
        ("api get /v1/x", "METHOD: 'get' is not one of GET, POST, PUT, PATCH, DELETE"),
        ("api GET v1/x", "PATH: 'v1/x' is not a path"),
        ("api GET //elsewhere.example/v1", "PATH: '//elsewhere.example/v1' is not a path"),
        ("api GET http://elsewhere.example/v1", "PATH: 'http://elsewhere.example/v1' is not a path"),
        ("api GET '/v1/a b'", "PATH: '/v1/a b' is not a path"),
        ("api GET /v1/a#b", "PATH: '/v1/a#b' is not a path"),
        ("api GET '/v1\\\\elsewhere'", "is not a path"),
        ("api GET /v1/ä", "PATH: '/v1/ä' is not a path"),
        ("api POST /v1/x --field a", "--field: 'a' is not NAME=VALUE"),
        ("api POST /v1/x --field =b", "--field: '=b' is not NAME=VALUE"),
        ("api POST /v1/x --field a=1 --field a=2", "--field: gives 'a' twice"),
        ("api POST /v1/x --field a=1 --input -", "--input: cannot be combined with --field"),
        ("api GET /v1/x --input -", "--input: cannot be combined with GET"),
        ("api DELETE /v1/x", "--yes: is required, since this cannot be undone; it would act on server http://"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_call(against, server, line, said):
    outcome = against(line)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("plexctl: api: ")
    assert said in outcome.stderr
    assert server.requests == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b" " * (16 << 20) + b"1", "is larger than 16 MiB"),
    ],
    ids=["cut off", "empty", "nested", "large"],
)
def test_an_input_that_is_no_body_is_refused_before_any_call(against, server, tmp_path, content, said):
    (tmp_path / "body.json").write_bytes(content)
    outcome = against("api POST /v1/x --input", tmp_path / "body.json")
    assert outcome.code == 2
    assert said in outcome.stderr
    assert "cannot be read" in against("api POST /v1/x --input", tmp_path / "missing").stderr
    assert server.requests == []


@each("output", FORMATS)
@each(("status", "code"), [(400, 2), (401, 3), (404, 4), (409, 1), (500, 1)])
def test_a_failure_is_that_of_every_command(against, server, status, code, output):
    server.play(problem(status, "a_code"))
    error = assert_failed(against(f"api POST /v1/x -o {output}"), output, code)
    assert error is None or (error["status"], error["code"]) == (status, "a_code")


def test_a_get_is_tried_again_and_nothing_else_is(against, server, monkeypatch):
    monkeypatch.setattr("plexctl.clients.transport.time.sleep", lambda _: None)
    server.play(problem(503))
    against("api GET /v1/x")
    assert len(server.requests) == 3
    against("api POST /v1/x")
    assert len(server.requests) == 4


def test_a_redirect_is_not_followed(against, server):
    server.play(problem(307))
    assert against("api GET /v1/x").code == 1
    assert len(server.requests) == 1
