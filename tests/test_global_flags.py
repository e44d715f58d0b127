"""Global flags: taken at every level, and the later of two wins."""

import itertools
import json

import pytest
import yaml

from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, FORMATS, GET, LIST, SIGNING_CLOSE


@pytest.mark.parametrize("level", [0, 1, 2], ids=["before the family", "before the leaf", "after the leaf"])
def test_global_flags_are_taken_at_every_level(plexctl, server, tmp_path, level):
    server.play(answer(200, EMPTY_PAGE))
    plexctl.configure({"profiles": {"work": {}}})
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text("from-a-file")
    flags = ["--server", server.url, "--token-file", str(token), "--profile", "work", "-o", "json", "--timeout", "9s"]
    flags += ["-v", "--no-color", "--yes", "--reveal-secrets"]
    outcome = plexctl(*LIST[:level], *flags, *LIST[level:])
    assert outcome.json == EMPTY_PAGE
    assert server.requests[0].headers["authorization"] == "Bearer from-a-file"
    assert outcome.stderr.count("\n") == 2


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations_with_replacement(range(3), 2)))
def test_the_later_of_two_output_flags_wins(against, server, first, second):
    server.play(answer(200, EMPTY_PAGE))
    for one, two in itertools.permutations(FORMATS, 2):
        words = list(LIST)
        words[second:second] = ["--output", two]
        words[first:first] = ["-o", one]
        stdout = against(*words, PLEXSPHERE_OUTPUT="json").stdout
        assert stdout == {"text": against(*LIST).stdout, "json": '{\n  "items": []\n}\n', "yaml": "items: []\n"}[two]


def test_the_later_of_two_servers_wins(against, server):
    server.play(answer(200, EMPTY_PAGE))
    against("--server", f"{server.url}/first", LIST[0], "--server", f"{server.url}/second", LIST[1])
    assert server.requests[0].target == "/second/v1/projects"


def test_the_output_variable_is_used_and_a_flag_wins_over_it(against, server):
    server.play(answer(200, EMPTY_PAGE))
    assert json.loads(against(*LIST, PLEXSPHERE_OUTPUT="json").stdout) == EMPTY_PAGE
    assert yaml.safe_load(against(*LIST, PLEXSPHERE_OUTPUT="yaml").stdout) == EMPTY_PAGE
    assert against(*LIST, "-o", "yaml", PLEXSPHERE_OUTPUT="json").stdout == "items: []\n"
    outcome = against(*GET, "-o", "yaml", PLEXSPHERE_OUTPUT="nonsense")
    assert assert_failed(outcome, "yaml", 1)["kind"] == "malformed"


@pytest.mark.parametrize("value", ["xml", "JSON", "json ", "text,json"])
@pytest.mark.parametrize("arguments", [LIST, ("project", "delete", GET[2], "--yes"), SIGNING_CLOSE])
def test_an_output_variable_that_names_no_format_is_refused_before_anything_is_sent(against, server, arguments, value):
    outcome = against(*arguments, PLEXSPHERE_OUTPUT=value)
    assert_failed(outcome, "text", 2)
    assert f"PLEXSPHERE_OUTPUT: {value!r} is not one of text, json, yaml" in outcome.stderr
    assert server.requests == []
