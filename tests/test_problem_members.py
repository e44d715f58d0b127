"""Nothing that a server says of an error is lost, and plexctl's own members keep their meaning."""

import json

import pytest

from tests.each import each
from tests.fake_server import answer, problem
from tests.samples import ID, OTHER_ID
from tests.yaml_document import load_yaml

UPDATE = f"project update {ID} --display-name x"
OWN = {
    "kind": "unavailable",
    "exit_code": 1,
    "status": 500,
    "grpc_status": None,
    "title": "T",
    "detail": "D",
    "warnings": [],
}


@pytest.fixture
def error(against, server):
    """Return the error document of a run that the server answers so."""

    def run(document, output="json", headers=None):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        server.play(answer(500, body, headers))
        said = against(f"{UPDATE} -o {output}").stderr
        return (json.loads if output == "json" else load_yaml)(said)["error"]

    return run


@each("output", ["json", "yaml"])
@each(
    ("members", "kept"),
    [
        ({"kind": "K", "exit_code": 9, "warnings": ["w"]}, {"kind": "K", "exit_code": 9, "warnings": ["w"]}),
        ({"status": 503}, {"status": 503}),
        ({"status": "500"}, {"status": "500"}),
        ({"status": 500}, None),
        ({"grpc_status": "OK", "request_id": "r"}, {"grpc_status": "OK", "request_id": "r"}),
        ({"code": 7, "instance": ["i"]}, {"code": 7, "instance": ["i"]}),
        ({"correlation_id": {"a": 1}}, {"correlation_id": {"a": 1}}),
        ({"code": None}, {"code": None}),
        ({"problem": "P"}, {"problem": "P"}),
        ({"problem": {"x": 1}, "kind": 1.50}, {"problem": {"x": 1}, "kind": 1.5}),
        ({"type": "about:blank", "reason": "r", "x": 1}, None),
    ],
)
def test_members_with_the_names_of_plexctls_own_are_kept_apart(error, members, kept, output):
    found = error({"title": "T", "detail": "D", **members}, output)
    assert found.get("problem") == kept
    assert {name: found[name] for name in OWN} == OWN
    if kept is None:
        assert {name: found[name] for name in members} == members


@each("wrong", [["T"], 5, None, {"a": "b"}, ""])
@each("name", ["title", "detail"])
def test_a_text_of_another_type_is_kept_apart(error, name, wrong):
    found = error({"title": "T", "detail": "D", name: wrong})
    assert found["problem"] == {name: wrong}
    assert isinstance(found[name], str)


def test_a_name_given_twice_keeps_both_values(error):
    found = error(b'{"title": "first", "title": "T", "detail": "D"}')
    assert (found["title"], found["problem"]) == ("T", {"title": "first"})


@pytest.mark.parametrize(
    ("body", "shown"),
    [({"title": "T"}, "from-header"), ({"title": "T", "correlation_id": "own"}, "own"), (b"no problem", "from-header")],
)
def test_a_correlation_id_of_the_header_is_shown_where_the_body_has_none(against, server, body, shown):
    server.play(answer(500, body, {"X-Correlation-Id": "from-header"}))
    assert f"correlation {shown})" in against(UPDATE).stderr
    assert against(f"{UPDATE} -o json").error["correlation_id"] == shown


@pytest.mark.parametrize(
    ("words", "body", "name"),
    [
        (f"peer get --domain {ID} --node {OTHER_ID}", {"nodes": [], "edges": []}, "node-not-found"),
        ("domain get nowhere", {"items": []}, "domain-not-found"),
    ],
)
def test_a_miss_has_the_type_that_a_servers_has(against, server, words, body, name):
    server.play(answer(200, body))
    error = against(f"{words} -o json").error
    assert error["type"] == f"https://plexsphere.com/errors/{name}"
    server.play(problem(404, error["code"]))
    assert list(against(f"{UPDATE} -o json").error) == list(error)


def test_text_shows_the_counts_of_what_is_still_owned(against, server):
    counts = {"projects": 2, "nodes": 1, "groups": 0}
    body = {"title": "Domain Not Empty", "detail": "it is in use", "code": "domain_not_empty", "child_counts": counts}
    server.play(answer(409, json.dumps(body).encode()))
    said = against(f"domain delete {ID} --yes")
    assert (said.code, said.stdout) == (1, "")
    assert "Domain Not Empty: it is in use: projects 2, nodes 1, groups 0 (domain_not_empty, 409" in said.stderr
