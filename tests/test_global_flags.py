"""Global flags: taken at every level, and the later of two wins."""

import itertools
import json

import pytest
import yaml

from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import DELETE, EMPTY_PAGE, FORMATS, GET, LIST, SIGNING_CLOSE


@pytest.mark.parametrize("line", ["{} project list", "project {} list", "project list {}"])
def test_global_flags_are_taken_at_every_level(plexctl, server, tmp_path, line):
    server.play(answer(200, EMPTY_PAGE))
    plexctl.configure({"profiles": {"work": {}}})
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text("from-a-file")
    flags = f"--server {server.url} --token-file '{token}' --profile work -o json --timeout 9s"
    flags += " -v --no-color --yes --reveal-secrets"
    outcome = plexctl(line.format(flags))
    assert outcome.json == EMPTY_PAGE
    assert server.requests[0].headers["authorization"] == "Bearer from-a-file"
    where, _, warning = outcome.stderr.splitlines()
    assert where.endswith(
        f"server {server.url} (from --server), profile 'work' (from --profile), token from --token-file"
    )
    assert warning.startswith("plexctl: warning: secrets are shown")


@pytest.mark.parametrize(
    "line",
    [
        "-o {} --output {} project list",
        "-o {} project --output {} list",
        "-o {} project list --output {}",
        "project -o {} --output {} list",
        "project -o {} list --output {}",
        "project list -o {} --output {}",
    ],
)
def test_the_later_of_two_output_flags_wins(against, server, line):
    server.play(answer(200, EMPTY_PAGE))
    for one, two in itertools.permutations(FORMATS, 2):
        stdout = against(line.format(one, two), PLEXSPHERE_OUTPUT="json").stdout
        assert stdout == {"text": against(LIST).stdout, "json": '{\n  "items": []\n}\n', "yaml": "items: []\n"}[two]


def test_the_later_of_two_servers_wins(against, server):
    server.play(answer(200, EMPTY_PAGE))
    against(f"--server {server.url}/first project --server {server.url}/second list")
    assert server.requests[0].target == "/second/v1/projects"


def test_the_output_variable_is_used_and_a_flag_wins_over_it(against, server):
    server.play(answer(200, EMPTY_PAGE))
    assert json.loads(against(LIST, PLEXSPHERE_OUTPUT="json").stdout) == EMPTY_PAGE
    assert yaml.safe_load(against(LIST, PLEXSPHERE_OUTPUT="yaml").stdout) == EMPTY_PAGE
    assert against(f"{LIST} -o yaml", PLEXSPHERE_OUTPUT="json").stdout == "items: []\n"
    outcome = against(f"{GET} -o yaml", PLEXSPHERE_OUTPUT="nonsense")
    assert assert_failed(outcome, "yaml", 1)["kind"] == "malformed"


@each("value", ["xml", "JSON", "json ", "text,json"])
@each("line", [LIST, DELETE, SIGNING_CLOSE])
def test_an_output_variable_that_names_no_format_is_refused_before_anything_is_sent(against, server, line, value):
    outcome = against(line, PLEXSPHERE_OUTPUT=value)
    assert_failed(outcome, "text", 2)
    assert f"PLEXSPHERE_OUTPUT: {value!r} is not one of text, json, yaml" in outcome.stderr
    assert server.requests == []
