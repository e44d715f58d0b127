"""Nothing that a server sends acts on the terminal: control characters, bidirectional marks, lone surrogates."""

import json

import pytest
import yaml

from tests.failure_checks import assert_failed
from tests.fake_server import answer, problem
from tests.samples import FORMATS, GET, PROJECT

ESCAPES = "\x00\x07\x08\x0b\x1b[2J\x7f\x85\x9b31m\u061c\u200e\u2028\u202e\u2066"
ACTING = set(ESCAPES) - set("[2J31m")


@pytest.mark.parametrize("output", FORMATS)
def test_control_characters_in_a_payload_never_arrive(against, server, output):
    document = {**PROJECT, "name": f"a{ESCAPES}b", "slug": "new\nline\ttab\rreturn", ESCAPES: "key"}
    server.play(answer(200, document))
    outcome = against(f"{GET} -o {output}")
    assert outcome.code == 0
    assert not ACTING & set(outcome.stdout)
    assert "\r" not in outcome.stdout
    assert "\t" not in outcome.stdout
    if output == "text":
        assert outcome.stdout.count("\n") == 2
    else:
        loaded = json.loads(outcome.stdout) if output == "json" else yaml.safe_load(outcome.stdout)
        assert loaded == document


@pytest.mark.parametrize("output", FORMATS)
def test_lone_surrogates_are_written_all_the_same(against, server, output):
    server.play(answer(200, {**PROJECT, "name": "a\ud800b"}))
    outcome = against(f"{GET} -o {output}")
    assert outcome.code == 0
    if output == "json":
        assert outcome.json["name"] == "a\ud800b"


@pytest.mark.parametrize("output", FORMATS)
def test_control_characters_in_a_problem_never_arrive(against, server, output):
    members = {
        "title": f"t{ESCAPES}\n",
        "detail": f"d{ESCAPES}\ud800",
        "correlation_id": ESCAPES,
        "x": [{ESCAPES: ESCAPES}],
    }
    server.play(problem(500, ESCAPES, **members))
    outcome = against(f"{GET} -o {output}")
    error = assert_failed(outcome, output, 1)
    assert not ACTING & set(outcome.stderr)
    if error:
        assert (error["title"], error["code"], error["x"]) == (members["title"], ESCAPES, members["x"])


def test_control_characters_in_a_header_never_arrive(against, server):
    server.play(answer(404, headers={"X-Request-Id": "\x9b31m\u202e"}))
    for output in FORMATS:
        outcome = against(f"-v {GET} -o {output}")
        assert outcome.code == 4
        assert not ACTING & set(outcome.stderr)
