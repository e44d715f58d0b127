"""Which refusal comes first: the caller, the path, the query, the denial, and only then what exists."""

import re

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.http import app
from tests.each import each
from tests.plane import refused

OPERATIONS = [row for row in app.operations() if row.caller == "operator"]
NIL = "00000000-0000-0000-0000-000000000000"


def _filled(path: str, identifier: str) -> str:
    return re.sub(r"{\w+}", identifier, path)


def _kind(path: str) -> str:
    """Name what a path is about, as in /v1/domains/{id}."""
    return path.split("/")[2].removesuffix("s")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YWRtaW46", "Bearer a b", "Bearer unknown"])
def test_nobody_gets_further_than_401(untouched, header):
    headers = {} if header is None else {"Authorization": header}
    for row in OPERATIONS:
        for identifier in (uuid7(), "not-a-uuid"):
            answer = untouched.nobody.request(row.method, _filled(row.path, identifier), headers=headers)
            refused(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"] == "Bearer"


def test_the_scheme_of_the_credential_has_no_case(untouched):
    for scheme in ("bearer", "BEARER", "Bearer  "):
        headers = {"Authorization": f"{scheme} {untouched.bearers['admin']}"}
        assert untouched.nobody.get("/v1/auth/whoami", headers=headers).status_code == 200


@pytest.mark.parametrize("identifier", ["x", "0190a8b8", "%7Bid%7D", "..%2Fdomains", "\u2014", "0" * 4000])
def test_an_id_that_is_no_uuid_is_refused_before_the_denial(untouched, identifier):
    for row in OPERATIONS:
        for name, malformed in row.malformed_ids.items():
            path = _filled(row.path.replace(f"{{{name}}}", identifier), uuid7())
            if "%2F" in identifier:
                refused(untouched.outsider.request(row.method, path), 404, "not_found")
            else:
                refused(untouched.outsider.request(row.method, path, json={}), 400, malformed.code)


def test_the_nil_uuid_is_no_id(untouched):
    for row in OPERATIONS:
        for name, malformed in row.malformed_ids.items():
            path = row.path.replace(f"{{{name}}}", NIL)
            refused(untouched.admin.request(row.method, _filled(path, uuid7()), json={}), 400, malformed.code)


def test_elsewhere_such_an_id_names_nothing(untouched):
    domain, node = f"/v1/domains/{NIL}/mesh/topology", "/v1/nodes/x/keys/rotate"
    refused(untouched.admin.get(domain), 404, "domain_not_found")
    refused(untouched.admin.post(node), 404, "node_not_found")
    refused(untouched.outsider.get(domain), 403, "permission_denied")
    refused(untouched.outsider.post(node), 403, "permission_denied")


def test_an_id_in_upper_case_is_the_same_id(untouched):
    domain_id = untouched.domain_id()

    assert untouched.admin.get(f"/v1/domains/{domain_id.upper()}").json()["id"] == domain_id
    topology = untouched.admin.get(f"/v1/domains/{domain_id.upper()}/mesh/topology").json()
    assert topology["domain_id"] == domain_id


@each("limit", ["0", "201", "-1", "x", "", "1.0", "+5", " 5", "\u0665", "9" * 5000])
def test_a_limit_outside_1_to_200_is_refused(untouched, limit):
    lists = ("/v1/domains", "/v1/projects", "/v1/nodes", f"/v1/projects/{uuid7()}/bootstrap-tokens")
    for path in lists:
        refused(untouched.admin.get(path, params={"limit": limit}), 400, "invalid_limit")


@pytest.mark.parametrize("path", ["/v1/projects", "/v1/nodes"])
def test_a_domain_filter_must_be_an_id(untouched, path):
    refused(untouched.admin.get(path, params={"domain_id": "acme-corp"}), 400, "invalid_domain_filter")
    assert untouched.admin.get(path, params={"domain_id": uuid7()}).json() == {"items": []}


@pytest.mark.parametrize("path", ["/v1/projects", "/v1/nodes"])
@pytest.mark.parametrize("limit", [1, 200])
def test_a_filter_does_not_tell_an_outsider_which_domains_exist(plane, path, limit):
    project_id = plane.project()
    plane.project("second")
    for _ in range(2):
        plane.enrol(project_id)
    there, missing = (
        plane.outsider.get(path, params={"domain_id": domain_id, "limit": limit}).json()
        for domain_id in (plane.domain_id(), uuid7())
    )
    assert there == missing == {"items": []}


def test_an_outsider_cannot_tell_what_exists(plane):
    project_id, domain_id = plane.project(), plane.domain_id()
    node_id = plane.enrol(project_id)["node_id"]
    there = {"domain": domain_id, "project": project_id, "node": node_id, "resource": plane.resource(project_id)}
    for row in OPERATIONS:
        if "{" not in row.path:
            continue
        if row.path.startswith("/v1/auth/"):
            continue  # what belongs to the caller alone: tried with the sign-in
        kind = _kind(row.path)
        existing, missing = (
            plane.outsider.request(row.method, _filled(row.path, identifier), json={})
            for identifier in (there[kind], uuid7())
        )
        assert existing.status_code == missing.status_code == 403, row.name
        assert existing.json()["reason"] == missing.json()["reason"], row.name
        assert existing.json()["title"] == "Permission Denied"


def test_a_viewer_reads_and_changes_nothing(plane):
    project_id, domain_id = plane.project(), plane.domain_id()
    node_id = plane.enrol(project_id)["node_id"]
    plane.anchored(domain_id, 1)
    there = {"domain": domain_id, "project": project_id, "node": node_id, "resource": plane.resource(project_id)}
    for row in OPERATIONS:
        kind = _kind(row.path)
        if "{id}" in row.path.removeprefix(f"/v1/{kind}s/{{id}}"):
            continue  # a token within a project: tried with the tokens
        if row.path.startswith("/v1/auth/"):
            continue  # what belongs to the caller alone: tried with the sign-in
        if row.path.endswith("/bridge/relay"):
            continue  # it needs a bridge: tried with the agent's operations
        path = _filled(row.path, there.get(kind, "-"))
        body = {"domain_id": domain_id} if row.name == "CreateProject" else {}
        answer = plane.viewer.request(row.method, path, json=body)
        manages = row.method != "GET" and row.caller == "operator"
        manages = manages or row.name == "GetNodeKeysRotatePreview"
        assert answer.status_code == (403 if manages else 200), (row.name, answer.text)
        if manages:
            assert answer.json()["reason"] == "insufficient_relation", row.name


@pytest.mark.parametrize("path", ["/v1/domains", "/v1/projects", "/v1/nodes"])
def test_a_cursor_serves_its_caller_and_its_list_alone(plane, path):
    project_id = plane.project()
    plane.project("second")
    plane.enrol(project_id)
    plane.enrol(project_id)

    page = plane.admin.get(path, params={"limit": 1}).json()
    cursor = page["next_cursor"]

    following = plane.admin.get(path, params={"limit": 1, "cursor": cursor}).json()
    assert following["items"][0]["id"] != page["items"][0]["id"]
    denied = refused(plane.viewer.get(path, params={"cursor": cursor}), 403, "cursor_binding_mismatch")
    assert denied["reason"] == "out_of_scope"
    refused(
        plane.admin.get(path, params={"cursor": ("B" if cursor[0] == "A" else "A") + cursor[1:]}), 400, "invalid_cursor"
    )
    for other in {"/v1/domains", "/v1/projects", "/v1/nodes"} - {path}:
        refused(plane.admin.get(other, params={"cursor": cursor}), 400, "invalid_cursor")


def test_a_cursor_of_another_caller_is_described_for_the_list_of_tokens(plane):
    project_id = plane.project()
    for _ in range(2):
        plane.token(project_id)
    path = f"/v1/projects/{project_id}/bootstrap-tokens"
    cursor = plane.admin.get(path, params={"limit": 1}).json()["next_cursor"]
    denied = refused(plane.viewer.get(path, params={"cursor": cursor}), 403, "cursor_binding_mismatch")
    assert (denied["reason"], denied["title"]) == ("out_of_scope", "Permission Denied")
    assert denied["correlation_id"]


@pytest.mark.parametrize("cursor", ["", "x", "\u00e9", "=", "a" * 60_000])
def test_what_is_no_cursor_is_refused(untouched, cursor):
    refused(untouched.admin.get("/v1/domains", params={"cursor": cursor}), 400, "invalid_cursor")
