import http.client
import json
import logging
import re
import socket
from typing import Any

import pytest

from plexctl import version
from plexctl.local import log
from plexctl.local.control.base import authorization, reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.http.calls import Call
from tests.plane import refused


def test_health_says_that_all_is_well(untouched):
    answer = untouched.nobody.get("/v1/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert [check["name"] for check in answer.json()["checks"]] == ["database", "outbox", "signer", "plane"]


def test_version_is_this_copy_of_plexctl(untouched):
    answer = untouched.nobody.get("/v1/version").json()

    assert f"version={answer['version']} commit={answer['commit']} date={answer['date']}" == version.describe()


@pytest.mark.parametrize("name", ["admin", "viewer", "outsider"])
def test_whoami_names_the_caller(untouched, name):
    answer = untouched.client(untouched.bearers[name]).get("/v1/auth/whoami").json()

    assert answer["email"].startswith(f"{name}@")
    assert (answer["principal_type"], answer["principal_scope"]) == ("user", "platform")


def test_signing_out_succeeds_with_and_without_a_session(untouched):
    assert untouched.nobody.delete("/v1/auth/whoami").status_code == 204
    assert untouched.admin.delete("/v1/auth/whoami").status_code == 204
    assert untouched.admin.get("/v1/auth/whoami").status_code == 200


def test_a_path_without_operations_is_a_problem(untouched):
    for path in ("/", "/v1", "/v1/domains/", "/v2/domains", "/v1/nodes/x/y"):
        problem = refused(untouched.admin.get(path), 404, "not_found")
        assert problem["instance"] == path


def test_a_method_that_is_none_of_the_path_names_those_that_are(untouched):
    answer = untouched.admin.put("/v1/domains", json={})

    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_head_answers_as_get_without_the_body(untouched):
    answer = untouched.nobody.head("/v1/version")

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize("given", ["01a1ffec-65f1-7748-87ed-8f02776bb07f", "a", "~" * 128])
def test_a_sane_request_id_comes_back(untouched, given):
    for path in ("/v1/version", "/nowhere", "/v1/domains"):
        assert untouched.nobody.get(path, headers={"X-Request-Id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "caf\u00e9"])
def test_any_other_request_id_is_replaced(untouched, given):
    answer = untouched.nobody.get("/v1/version", headers={"X-Request-Id": given.encode()})

    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f-]{16}", answer.headers["x-request-id"])


def test_a_malfunction_is_a_problem_that_tells_nothing_and_a_log_line_that_tells_all(plane, caplog):
    with plane.control.store.write() as connection:
        connection.execute("ALTER TABLE projects RENAME TO elsewhere")
    with caplog.at_level(logging.INFO, "plexctl.local"):
        answer = plane.admin.get("/v1/projects", headers={"X-Request-Id": "the-one"})

    problem = refused(answer, 500, "internal")
    assert "projects" not in problem["detail"]
    malfunction = next(record for record in caplog.records if record.getMessage() == "malfunction")
    line = log.JsonFormatter().format(malfunction)
    assert "no such table: projects" in line
    assert '"request_id": "the-one"' in line
    assert answer.headers["x-request-id"] == "the-one"


@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"y" * 100_000])
def test_what_is_no_http_is_a_problem_too(untouched, sent):
    host, port = untouched.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(sent)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        problem = json.loads(answer.read())

    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (problem["status"], problem["code"]) == (400, "malformed_http_request")
    assert answer.headers["x-request-id"]


def test_health_is_down_with_its_database(plane):
    with plane.control.store.write() as connection:
        connection.execute("ALTER TABLE outbox RENAME TO elsewhere")

    answer = plane.nobody.get("/v1/health")

    assert (answer.status_code, answer.json()["status"]) == (503, "down")


def test_a_refusal_that_http_has_no_status_for_is_a_malfunction(untouched, monkeypatch):
    def refuse(_):
        raise Refusal(reasons.SIGNING_KEY_NOT_FOUND)

    monkeypatch.setattr(authorization, "whoami", refuse)
    refused(untouched.admin.get("/v1/auth/whoami"), 500, "internal")


def test_a_handler_that_asks_for_what_its_operation_does_not_take_is_at_fault(control):
    is_open_to_all: dict[str, Any] = {"principal": None, "bearer": None, "threads": None, "base_url": "", "headers": {}}
    takes_no_body: dict[str, Any] = {"content": None, "body_rule": None}
    call = Call(control, control.responses.open(), ids={}, query={}, **is_open_to_all, **takes_no_body)
    with pytest.raises(TypeError, match="not only operators may call this operation"):
        _ = call.operator
    with pytest.raises(TypeError, match="takes no body"):
        call.body()
    with pytest.raises(TypeError, match="takes no body"):
        call.form()
