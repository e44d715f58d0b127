"""The exit codes of HTTP, tried as a matrix: every status and problem code, in every format."""

import pytest

from plexctl.failures import EXIT_CODES, Kind, http_kind
from tests.each import each
from tests.failure_checks import KINDS, assert_failed
from tests.fake_server import answer, problem
from tests.long_mode import pick
from tests.samples import CREATE, FORMATS, ID, PROJECT, ROTATE

# The contract's rows; every other status is 1.
HTTP = {400: 2, 401: 3, 403: 4, 404: 4, 413: 2, 415: 2, 422: 2}
# Every other status is of the kind unavailable.
KIND_OF = {
    **dict.fromkeys((400, 413, 415, 422), "refused"),
    **dict.fromkeys((403, 404), "not_found"),
    **dict.fromkeys((408, 504), "timeout"),
    401: "credential",
    409: "conflict",
    429: "rate_limited",
}
NAMED = [300, 301, 302, 304, 307, 308, 405, 408, 409, 410, 412, 418, 428, 429, 451, 499, 500, 501, 502, 503, 504, 599]
PROBLEM_CODES = {
    "invalid_project": 400,
    "invalid_project_id": 400,
    "invalid_domain": 400,
    "invalid_domain_id": 400,
    "invalid_domain_filter": 400,
    "invalid_limit": 400,
    "invalid_cursor": 400,
    "invalid_body": 400,
    "invalid_ttl": 400,
    "slug_immutable": 400,
    "empty_patch": 400,
    "public_key_invalid": 400,
    "unauthenticated": 401,
    "unauthorized": 401,
    "nsk_invalid": 401,
    "nsk_revoked": 401,
    "cursor_binding_mismatch": 403,
    "csrf_token_mismatch": 403,
    "self_approval_denied": 403,
    "kind_mismatch": 403,
    "project_mismatch": 403,
    "token_invalid": 403,
    "token_consumed": 403,
    "token_expired": 403,
    "token_revoked": 403,
    "nonce_collision": 403,
    "domain_not_found": 404,
    "project_not_found": 404,
    "node_not_found": 404,
    "resource_not_found": 404,
    "project_slug_conflict": 409,
    "sub_range_overlap": 409,
    "parent_domain_missing": 409,
    "project_not_empty": 409,
    "keys_rotate_no_pending_rotation": 409,
    "request_body_too_large": 413,
    "unsupported_media_type": 415,
    "sub_range_invalidates_allocation": 422,
    "keys_rotate_public_key_unchanged": 422,
    "keys_rotate_public_key_invalid": 422,
    "rate_limited": 429,
    "internal": 500,
    "clouds_not_provisioned": 501,
    "catalog_upstream_error": 502,
    "pool_exhausted": 503,
    "subrange_exhausted": 503,
    "authz_unavailable": 503,
    "datastore_unavailable": 503,
}


def test_the_table_is_total():
    for status in range(100, 600):
        if not 200 <= status < 300:
            assert EXIT_CODES[http_kind(status)] == HTTP.get(status, 1), status
            assert http_kind(status) == KIND_OF.get(status, "unavailable")
    assert {str(kind) for kind in Kind} == set(EXIT_CODES) == KINDS


@pytest.mark.parametrize("output", FORMATS)
def test_every_status_that_a_server_can_answer(against, server, output):
    # 304 has no body; what a status means does not depend on the form, of which each renders every tenth
    for status in {*range(300, 600, 1 if output == "json" else pick(20, 1))} - {304}:
        server.play(problem(status, extra={"kept": [1, 2.5, None]}))
        error = assert_failed(against(f"{CREATE} -o {output}"), output, HTTP.get(status, 1))
        if error:
            assert (error["status"], error["grpc_status"], error["code"]) == (status, None, None)
            assert error["kind"] == KIND_OF.get(status, "unavailable")
            assert (error["title"], error["detail"], error["instance"]) == ("A Title", "a detail", "/v1/here")
            assert (error["type"], error["extra"]) == ("about:blank", {"kept": [1, 2.5, None]})


@each("output", FORMATS)
@each("status", sorted({*HTTP, *NAMED}))
@each("body", [b"", b"<html>\r\n<h1>no problem document</h1>\n</html>"])
def test_an_answer_without_a_problem_document(against, server, status, body, output):
    server.play(answer(status, b"" if status == 304 else body, media_type="text/html"))
    error = assert_failed(against(f"{CREATE} -o {output}"), output, HTTP.get(status, 1))
    if error:
        assert (error["status"], error["code"], error["instance"]) == (status, None, None)
        assert error["title"]


@each(
    ("status", "title"),
    [
        (404, "Not Found"),
        (413, "Request Entity Too Large"),
        (416, "Requested Range Not Satisfiable"),
        (422, "Unprocessable Entity"),
        (599, "HTTP Status 599"),
    ],
)
def test_an_answer_without_a_title_gets_the_same_one_under_every_python(against, server, status, title):
    server.play(answer(status))
    assert against(f"{CREATE} -o json").error["title"] == title


@each("output", FORMATS)
@each(
    ("body", "title"),
    [
        ({"error": "boom", "message": "it is burning"}, "Unprocessable"),
        ({"detail": [{"loc": ["slug"], "msg": "it is burning"}]}, "Unprocessable"),
        ({"title": "Bad Slug", "detail": {"msg": "it is burning"}}, "Bad Slug"),
        (["it is burning"], "Unprocessable"),
    ],
)
def test_json_that_explains_itself_in_another_form_is_quoted(against, server, body, title, output):
    server.play(answer(422, body))
    outcome = against(f"{CREATE} -o {output}")
    error = assert_failed(outcome, output, 2)
    said = error["title"] + error["detail"] if error else outcome.stderr
    assert title in said
    assert "it is burning" in said


@pytest.mark.parametrize("output", FORMATS)
def test_a_problem_of_a_title_alone_is_not_quoted(against, server, output):
    server.play(answer(422, {"title": "Bad Slug", "code": "slug_bad"}))
    outcome = against(f"{CREATE} -o {output}")
    error = assert_failed(outcome, output, 2)
    assert "{" not in (error["detail"] if error else outcome.stderr)


@each("output", FORMATS)
@each("status", [101, 600, 700, 999])
def test_a_status_that_no_server_should_answer_with(against, server, status, output):
    server.play(f"HTTP/1.1 {status} Odd\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n".encode())
    error = assert_failed(against(f"{CREATE} -o {output}"), output, 1)
    assert error is None or error["status"] in {None, status}


def test_an_informational_status_is_passed_over(against, server):
    server.play(b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + answer(201, PROJECT))
    assert against(f"{CREATE} -o json").json == PROJECT


@pytest.mark.parametrize("output", FORMATS)
def test_every_problem_code(against, server, output):
    for code, status in PROBLEM_CODES.items():
        server.play(problem(status, code, correlation_id="c-1"))
        outcome = against(f"{CREATE} -o {output}")
        error = assert_failed(outcome, output, HTTP.get(status, 1))
        if error:
            assert (error["code"], error["status"], error["correlation_id"]) == (code, status, "c-1")
        else:
            request_id = server.requests[-1].headers["x-request-id"]
            known = f"({code}, {status}, request {request_id}, correlation c-1)"
            assert outcome.stderr == f"plexctl: A Title: a detail {known}\n"


@each("output", FORMATS)
@each(
    ("members", "code"),
    [
        ({"code": "rebac_denied"}, 77),
        ({"code": "permission_denied"}, 77),
        ({"reason": "out_of_scope"}, 77),
        ({"reason": "insufficient_relation"}, 77),
        ({"reason": "caveat_violation"}, 77),
        ({"code": "anything_else", "reason": "out_of_scope"}, 77),
        ({"code": "permission_denied", "reason": "anything_else"}, 77),
        ({"reason": "anything_else"}, 4),
        ({"code": "token_consumed"}, 4),
        ({"code": "PERMISSION_DENIED"}, 4),
        ({"code": ["rebac_denied"], "reason": {"out_of_scope": 1}}, 4),
        ({}, 4),
    ],
)
def test_a_403_is_a_denial_only_where_the_problem_says_so(against, server, members, code, output):
    server.play(problem(403, relation_path=["domain:x#viewer"], **members))
    error = assert_failed(against(f"{CREATE} -o {output}"), output, code)
    if error:
        assert error["kind"] == ("denied" if code == 77 else "not_found")
        assert error["relation_path"] == ["domain:x#viewer"]
        assert error.get("reason") == members.get("reason")


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500])
def test_a_denials_code_under_another_status_denies_nothing(against, server, status):
    server.play(problem(status, "permission_denied", reason="out_of_scope"))
    assert against(CREATE).code == HTTP.get(status, 1)


def test_the_status_of_the_response_wins_over_the_documents(against, server):
    server.play(answer(404, {"title": "Gone", "status": 500, "code": 7, "detail": None}))
    error = assert_failed(against(f"{CREATE} -o json"), "json", 4)
    assert (error["status"], error["code"], error["title"], error["detail"]) == (404, None, "Gone", "")


@pytest.mark.parametrize("output", FORMATS)
def test_a_rotation_that_is_already_pending_is_a_success(against, server, output):
    server.play(problem(409, "already_pending", rotation_id="someone-elses"))
    outcome = against(f"{ROTATE} -o {output}")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert (
        outcome.stdout
        == {
            "text": f"{'NODE_ID':36}  PEER_ID  ROTATION_ID  ALREADY_PENDING\n{ID}  -        -            true\n",
            "json": f'{{\n  "node_id": "{ID}",\n  "already_pending": true\n}}\n',
            "yaml": f"node_id: {ID}\nalready_pending: true\n",
        }[output]
    )


@pytest.mark.parametrize(
    ("answered", "code"),
    [(problem(409, "another_conflict"), 1), (problem(409), 1), (problem(400, "already_pending"), 2)],
)
def test_no_other_conflict_is(against, server, answered, code):
    server.play(answered)
    assert against(ROTATE).code == code


def test_already_pending_is_a_conflict_for_every_other_command(against, server):
    server.play(problem(409, "already_pending"))
    assert against(CREATE).code == 1
