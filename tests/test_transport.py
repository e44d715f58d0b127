"""What a request carries and where it goes; what --verbose tells of it."""

import json
import re
import socket
import time

import pytest

from plexctl.version import VERSION
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer, problem
from tests.samples import CREATE, DELETE, EMPTY_PAGE, FORMATS, GET, ID, LIST, OTHER_ID, PROJECT, ROTATE, UPDATE, WRITES
from tests.stalls import unresolvable

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_every_request_says_who_sends_it_and_carries_a_uuid7(against, server):
    server.play(answer(200, EMPTY_PAGE))
    before = time.time_ns() // 1_000_000
    assert against(LIST).code == 0
    headers = server.requests[0].headers
    assert headers["user-agent"] == f"plexctl/{VERSION}"
    assert headers["authorization"] == "Bearer a-token"
    assert UUID7.fullmatch(headers["x-request-id"])
    assert before <= int(headers["x-request-id"].replace("-", "")[:12], 16) <= time.time_ns() // 1_000_000


def test_each_logical_request_has_an_id_of_its_own(against, server):
    server.play(answer(200, {"items": [PROJECT], "next_cursor": "a"}), answer(200, EMPTY_PAGE))
    assert against(f"{LIST} --all").code == 0
    first, second = (request.headers["x-request-id"] for request in server.requests)
    assert first != second


@pytest.mark.parametrize(
    ("line", "method", "target", "body"),
    [
        (LIST, "GET", "/v1/projects", None),
        (GET, "GET", f"/v1/projects/{ID}", None),
        (CREATE, "POST", "/v1/projects", {"domain_id": OTHER_ID, "slug": "edge-fleet", "name": "Edge Fleet"}),
        (UPDATE, "PATCH", f"/v1/projects/{ID}", {"name": "Edge Fleet"}),
        (DELETE, "DELETE", f"/v1/projects/{ID}", None),
        (ROTATE, "POST", f"/v1/nodes/{ID}/keys/rotate", None),
    ],
)
def test_a_request_is_the_operation_and_no_more(against, server, line, method, target, body):
    server.play(problem(500))
    against(line)
    request = server.requests[0]
    assert (request.method, request.target) == (method, target)
    assert (json.loads(request.body) if request.body else None) == body
    assert request.headers.get("content-type") == (None if body is None else "application/json")


def test_a_path_in_the_server_url_is_the_prefix_of_every_path(against, server):
    server.play(answer(200, EMPTY_PAGE))
    for url in (f"{server.url}/plexsphere", f"{server.url}/plexsphere/"):
        assert against(f"{LIST} --server {url}").code == 0
    assert [request.target for request in server.requests] == ["/plexsphere/v1/projects"] * 2


def test_query_values_are_escaped(against, server):
    server.play(answer(200, EMPTY_PAGE))
    against(f"{LIST} --cursor 'a+b/c=&d é'")
    assert server.requests[0].target == "/v1/projects?cursor=a%2Bb%2Fc%3D%26d+%C3%A9"


@each("status", [301, 302, 303, 307, 308])
@each("line", [LIST, *WRITES])
def test_redirects_are_never_followed(against, server, status, line):
    server.play(answer(status, headers={"Location": f"{server.url}/elsewhere"}))
    outcome = against(line)
    assert outcome.code == 1
    assert f"{server.url}/elsewhere" in outcome.stderr
    assert len(server.requests) == 1


def test_no_cookie_is_kept(against, server):
    first = answer(200, {"items": [PROJECT], "next_cursor": "a"}, {"Set-Cookie": "session=1; Path=/"})
    server.play(first, answer(200, EMPTY_PAGE))
    assert against(f"{LIST} --all").code == 0
    assert "cookie" not in server.requests[1].headers


def test_the_id_that_the_server_answers_with_is_the_one_reported(against, server):
    server.play(problem(404, "project_not_found"))
    assert against(f"{GET} -o json").error["request_id"] == server.requests[0].headers["x-request-id"]
    server.play(answer(404, headers={"X-Request-Id": "its-own"}))
    assert against(f"{GET} -o json").error["request_id"] == "its-own"
    assert "request its-own" in against(GET).stderr


@pytest.mark.parametrize("output", ["text", "json"])
def test_verbose_writes_a_line_for_every_attempt(against, server, output, monkeypatch):
    monkeypatch.setattr("plexctl.clients.transport.time.sleep", lambda _: None)
    server.play(problem(503), problem(404))
    outcome = against(f"-v {GET} -o {output}")
    said = outcome.stderr if output == "text" else outcome.stderr.partition("{")[0] + "{"
    where, *verbose, _ = said.splitlines()
    request_id = server.requests[0].headers["x-request-id"]
    url = re.escape(f"{server.url}/v1/projects/{ID}")
    assert where == f"plexctl: server {server.url} (from PLEXSPHERE_URL), no profile, token from PLEXSPHERE_TOKEN"
    for line, status in zip(verbose, (503, 404), strict=True):
        assert re.fullmatch(rf"plexctl: GET {url} {status} \d+ms {request_id}", line)


def test_verbose_names_what_went_wrong_where_no_status_came(against, server):
    server.play(b"")
    assert re.search(r"^plexctl: GET \S+ RemoteProtocolError \d+ms \S+$", against(f"-v {GET}").stderr, re.MULTILINE)


@pytest.mark.parametrize("extra", ["", "--reveal-secrets"])
@pytest.mark.parametrize("status", [200, 401])
def test_no_message_ever_holds_the_token(against, server, extra, status):
    token = "tok-3f9a"
    server.play(problem(status, detail=f"no session for {token}", seen=[f"Bearer {token}", {"header": token}]))
    for output in ("text", "json", "yaml"):
        outcome = against(f"-v {GET} -o {output} {extra}", PLEXSPHERE_TOKEN=token)
        assert token not in outcome.stderr
        assert "***" in outcome.stderr or status == 200
        assert token not in against(f"-v {LIST} -o {output} {extra} --cursor", token, PLEXSPHERE_TOKEN=token).stderr


def test_reveal_secrets_warns_in_one_line(against, server):
    server.play(answer(200, EMPTY_PAGE))
    plain, revealed = against(LIST), against(f"--reveal-secrets {LIST}")
    assert plain.stderr == ""
    assert re.fullmatch(r"plexctl: warning: [^\n]*--reveal-secrets[^\n]*\n", revealed.stderr)
    assert revealed.stdout == plain.stdout


def test_a_bearer_over_plain_http_warns_except_to_loopback(against, server):
    server.play(answer(200, EMPTY_PAGE))
    for host in ("127.0.0.1", "localhost", "LOCALHOST"):
        assert against(f"{LIST} --server http://{host}:{server.port}").stderr == ""
    # on Linux this address reaches loopback without being a name of it
    outcome = against(f"{LIST} --server http://0.0.0.0:{server.port}")
    assert outcome.code == 0
    assert re.fullmatch(rf"plexctl: warning: [^\n]*http://0\.0\.0\.0:{server.port}[^\n]*\n", outcome.stderr)


def test_warnings_are_part_of_a_failure_document(against, server):
    server.play(problem(500))
    outcome = against(f"{LIST} --server http://0.0.0.0:{server.port} -o json --reveal-secrets")
    assert [warning.partition(" ")[0] for warning in outcome.error["warnings"]] == ["secrets", "the"]


@pytest.mark.parametrize(
    "act", [b"", b"HTTP/1.1 200", b"not http at all\r\n\r\n", answer(200, EMPTY_PAGE)[:-3]], ids=repr
)
def test_an_answer_that_is_no_whole_http_fails_in_one_line_and_is_not_asked_for_again(against, server, act):
    server.play(act)
    outcome = against(LIST)
    assert outcome.code == 1
    assert outcome.stdout == ""
    assert outcome.stderr.count("\n") == 1
    assert outcome.stderr.startswith("plexctl: ")
    assert len(server.requests) == 1


@each(("host", "code"), [("999.1.1.1", 2), ("a..b", 1), ("a" * 70 + ".test", 1), ("host.invalid", 1)])
def test_a_host_that_cannot_be_is_one_error(against, host, code, monkeypatch):
    monkeypatch.setattr("plexctl.clients.transport.time.sleep", lambda _: None)
    monkeypatch.setattr(socket, "getaddrinfo", unresolvable)
    outcome = against(f"{LIST} --server http://{host}:80 --timeout 5s -o json")
    assert (outcome.code, outcome.error["exit_code"]) == (code, code)
    assert host in outcome.error["detail"]


@each("output", FORMATS)
@each(
    "act",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200", id="half a status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Type: app", id="half a header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", id="half a body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", id="half a chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", id="no last chunk"),
    ],
)
def test_a_connection_that_ends_before_its_answer_is_unavailable(against, server, act, output):
    server.play(act)
    error = assert_failed(against(f"{LIST} -o {output}"), output, 1)
    assert error is None or (error["kind"], error["title"]) == ("unavailable", "Server Unreachable")


@each("output", FORMATS)
@each("act", [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 99999 no\r\n\r\n", b"\x00\x01\x02\r\n\r\n"])
def test_bytes_that_are_not_http_are_malformed(against, server, act, output):
    server.play(act)
    error = assert_failed(against(f"{LIST} -o {output}"), output, 1)
    assert error is None or error["kind"] == "malformed"
