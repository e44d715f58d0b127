"""--query: a part of a document in any format, and an expression that is refused before anything is sent."""

import json
import subprocess
import tracemalloc

import jmespath
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from plexctl.codec import query
from tests.command import CHILD
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import CREATE, FORMATS, GET, ID, LIST, OTHER_ID, PROJECT
from tests.test_codec import OBJECTS
from tests.tree import leaves

WITHOUT = [
    pytest.param(placed, id=placed.name)
    for placed in leaves()
    if not placed.leaf.contract.document and placed.leaf.contract.reads_settings
]
FLEET = {
    "items": [
        {**PROJECT, "labels": {"zone": "a", "rack": 7}},
        {**PROJECT, "id": OTHER_ID, "slug": "lab", "labels": {"zone": "b", "rack": 8}},
    ],
    "next_cursor": None,
}


@pytest.fixture
def asked(against, server):
    """Have the server answer with a text, and return what a query prints of it."""

    def run(text: object, expression: str, flags: str = "") -> str:
        server.play(answer(200, json.dumps(text).encode() if not isinstance(text, bytes) else text))
        outcome = against(f"{LIST} {flags} --query", expression)
        assert (outcome.code, outcome.stderr) == (0, "")
        return outcome.stdout

    return run


@each(
    ("expression", "text"),
    [
        ("items[0].slug", "edge-fleet\n"),
        ("items[].slug", "edge-fleet\nlab\n"),
        ("items[].labels.rack", "7\n8\n"),
        ("items[?slug == 'lab'].id | [0]", f"{OTHER_ID}\n"),
        ("items[0].labels", '{"zone":"a","rack":7}\n'),
        ("items[].labels", '{"zone":"a","rack":7}\n{"zone":"b","rack":8}\n'),
        ("items[].[slug, labels.rack]", '["edge-fleet",7]\n["lab",8]\n'),
        ("length(items)", "2\n"),
        ("items[0].slug == 'lab'", "false\n"),
        ("next_cursor", "\n"),
        ("items[0].[slug, nothing]", "edge-fleet\n\n"),
        ("items[?slug == 'none']", ""),
    ],
)
def test_text_prints_strings_bare_lists_by_line_and_objects_as_json(asked, expression, text):
    assert asked(FLEET, expression) == text


def test_json_and_yaml_print_the_result_as_a_document(asked):
    expression = "items[].{where: labels.zone, slug: slug}"
    expected = [{"where": "a", "slug": "edge-fleet"}, {"where": "b", "slug": "lab"}]
    assert asked(FLEET, expression, "-o json") == json.dumps(expected, indent=2) + "\n"
    assert asked(FLEET, expression, "-o yaml") == "- where: a\n  slug: edge-fleet\n- where: b\n  slug: lab\n"
    assert asked(FLEET, "items[0].slug", "-o json") == '"edge-fleet"\n'
    assert asked(FLEET, "next_cursor", "-o yaml") == "null\n"


DIGITS = b'{"items": [], "n": 1.10, "big": 123456789012345678901234567890, "e": 1E5, "zero": -0, "huge": 1e999}'


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("n", "1.10\n"),
        ("[big, e, zero, huge]", "123456789012345678901234567890\n1E5\n-0\n1e999\n"),
        ("max([n, e])", "1E5\n"),
        ("{n: n}", '{"n":1.10}\n'),
        ("sum([n, n])", "2.2\n"),
        ("[n][?@ > `1`]", "1.10\n"),
    ],
)
def test_digits_are_kept_in_what_passes_through(asked, expression, text):
    assert asked(DIGITS, expression) == text


def test_what_a_terminal_acts_on_is_escaped_in_every_format(asked):
    text = rb'{"items": [], "a": "x\u001b[31m\u202ey\nz", "half": "\ud800"}'
    assert asked(text, "a") == "x\\x1b[31m\\u202ey\\nz\n"
    assert asked(text, "[[a]]") == '["x\\u001b[31m\\u202ey\\nz"]\n'
    assert asked(text, "half") == "\\ud800\n"
    assert asked(text, "{half: half}") == '{"half":"\\ud800"}\n'
    assert yaml.safe_load(asked(text, "a", "-o yaml")) == "x\x1b[31m\u202ey\nz"


@each("output", FORMATS)
@each("line", [LIST, GET, CREATE, f"key rotate --node {ID}"])
def test_a_wrong_expression_is_refused_before_anything_is_sent(against, server, line, output):
    outcome = against(f"{line} -o {output} --query", "items[?slug = 'a']")
    assert_failed(outcome, output, 2)
    assert "is not a JMESPath expression: unknown token '=' at character 13" in outcome.stderr.replace("''", "'")
    assert server.requests == []


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [("a" * 4097, "has more than 4,096 characters"), ("[" * 4000, "is nested in more than 50 levels")],
)
def test_an_expression_too_large_to_be_evaluated_is_refused(against, server, expression, complaint):
    outcome = against(f"{LIST} --query", expression)
    assert_failed(outcome, "text", 2)
    assert complaint in outcome.stderr
    assert server.requests == []


def test_an_unknown_function_is_named_with_its_place(against):
    said = against(f"{LIST} --query", "items | lenght(@)").stderr
    assert "calls an unknown function: lenght() at character 9 is not one of abs, avg, ceil" in said


@each("placed", WITHOUT)
def test_a_leaf_without_a_document_refuses_a_query(against, server, placed):
    outcome = against(f"{placed.least} --yes --query id")
    assert_failed(outcome, "text", 2)
    assert outcome.stderr.startswith(f"plexctl: {placed.name}: --query: cannot be used, since the command prints no")
    assert server.requests == []


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("length(next_cursor)", "length() takes string or array or object, and got null"),
        ("items[0].slug > `1`", "'>' not supported between instances of 'str' and 'int'"),
    ],
)
def test_what_only_the_document_shows_to_be_wrong_is_exit_code_1(against, server, output, expression, complaint):
    server.play(answer(200, FLEET))
    outcome = against(f"{LIST} -o {output} --query", expression)
    assert_failed(outcome, output, 1)
    assert complaint in outcome.stderr.replace("''", "'")


def test_an_expression_cannot_fill_the_memory(against, server, monkeypatch):
    server.play(answer(200, FLEET))
    doubled = "|".join(["[@, @]"] * 40)
    assert "the result has more than 10,000,000 values" in against(f"{LIST} --query", doubled).stderr
    monkeypatch.setattr("plexctl.codec.interpreter.MOST_VALUES", 1000)
    flattened = "|".join(["items"] + ["[@, @][]"] * 40)
    assert "the result has more than 10,000,000 values" in against(f"{LIST} --query", flattened).stderr


@pytest.mark.parametrize(
    "expression", ["nodes[].mesh_ip", "edges[0]", "edges[:2].to", "edges[?to == 'b'].mode", "edges[].to"]
)
def test_a_long_text_is_decoded_only_where_an_expression_needs_it(expression):
    edge = {"from": "a", "to": "c", "mode": "direct", "more": list(range(40))}
    text = bytearray(b" " + json.dumps({"nodes": [{"mesh_ip": "10.50.0.1"}], "edges": [edge] * 20_000}).encode())
    tracemalloc.start()
    query.search(text, expression)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(text)


def test_evaluation_has_the_deadline_of_the_request(against, server, monkeypatch):
    server.play(answer(200, FLEET))
    stuck = server.stopped

    def wait(*_):
        stuck(60)

    monkeypatch.setattr(query, "search", wait)
    outcome = against(f"{LIST} --timeout 300ms -o json --query items")
    assert assert_failed(outcome, "json", 1)["kind"] == "timeout"


def test_a_token_needs_no_other_program(admin, plane):
    project = plane.project()
    issue = f"bootstrap-token issue --project {project} --kind node --env-prefix dev --ttl 1h --query token"
    outcome = admin(issue)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith("psb_dev_")
    assert outcome.stdout.count("\n") == 1


def test_the_command_that_continues_a_list_keeps_the_query(against, server):
    server.play(answer(200, {**FLEET, "next_cursor": "c"}))
    outcome = against(f"{LIST} --query 'items[].slug'")
    assert outcome.stdout == "edge-fleet\nlab\n"
    assert outcome.stderr.endswith("there is more; next: plexctl project list --query 'items[].slug' --cursor c\n")


def test_all_pages_are_one_document(against, server):
    server.play(answer(200, {**FLEET, "next_cursor": "c"}), answer(200, FLEET))
    assert against(f"{LIST} --all --query 'length(items)'").stdout == "4\n"


@given(OBJECTS)
@example({"a": -1, "-0": "-0", "b": -0.0})
def test_a_query_for_everything_is_the_document(document):
    text = json.dumps(document, ensure_ascii=False).encode()
    assert query.search(text, "@") == text
    values = json.loads(text, parse_int=str, parse_float=str).values()
    assert json.loads(query.search(text, "*"), parse_int=str, parse_float=str) == [
        value for value in values if value is not None
    ]


EXPRESSIONS = st.sampled_from([
    "a", "a.b", "a[0]", "a[-1]", "a[]", "a[*].b", "a[].b", "*", "*.b", "a[:2]", "a[::-1]", "a[?b]", "a[?b==`1`].c",
    "[a, b]", "{x: a, y: b.c}", "a || b", "a && b", "!a", "a | [0]", "a[].b[]", "a[][]", "a[*][*]", "type(a)",
    "to_array(a)", "not_null(a, b)", "a[].{x: b, y: @}", "@", "a == b", "a[*].to_array(@)[]", "a.*.b",
    "length(to_array(a))",
])  # fmt: skip
NAMES = st.sampled_from(["a", "b", "c"])
SHALLOW = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x", 1.5]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, SHALLOW), EXPRESSIONS, EXPRESSIONS)
def test_a_result_is_that_of_jmespath(document, one, other):
    for expression in (one, f"{one} | {other}", f"[{one}, {other}]"):
        found = query.search(json.dumps(document).encode(), expression)
        expected = jmespath.search(expression, document)
        assert json.loads(found) == json.loads(json.dumps(expected))
        assert str(json.loads(found)) == str(json.loads(json.dumps(expected)))  # true is not 1


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # an old form of literals, which is accepted
@given(st.text("ab.[]*?&|!@(){}:,'\"`\\<>=-0 1\n", max_size=20))
@example("foo[")
@example("`\\")
@example("a[0:")
def test_an_expression_is_accepted_or_refused_and_nothing_else(expression):
    kinds: set[type] = set()
    try:
        query.check(expression)
        json.loads(query.search(b'{"a": [1, {"b": "x"}], "b": null}', expression))
    except (ValueError, query.QueryError) as error:
        kinds.add(type(error))
    assert kinds <= {ValueError, query.QueryError}  # and none of ValueError's own kinds


def test_a_shell_gets_the_bare_value(against, server):
    server.play(answer(200, PROJECT))
    script = f'ID=$("$@" {GET} --query id); printf "<%s>" "$ID"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *CHILD],
        env=against.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"<{ID}>"


def test_a_query_over_a_page_that_is_not_the_last_says_so_in_json_too(against, server):
    server.play(answer(200, {**FLEET, "next_cursor": "c"}))
    assert "there is more" not in against(f"{LIST} -o json").stderr
    outcome = against(f"{LIST} -o json --query 'length(items)'")
    assert outcome.stdout == "2\n"
    assert "there is more; next: plexctl project list" in outcome.stderr
