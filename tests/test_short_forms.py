"""What hands type by habit: -h, -o=json, a variable for --timeout; and what eyes expect while they wait."""

import re
import threading

import pytest

from tests.each import each
from tests.fake_server import answer, problem
from tests.samples import CREATE, EMPTY_PAGE, LIST
from tests.terminal import Terminal
from tests.tree import leaves
from tests.waiting import PATIENCE_SECONDS


@pytest.mark.parametrize("line", ["", "peer", "peer list", "local", "local start", "help", "config set"])
def test_h_is_help(plexctl, line):
    assert plexctl(f"{line} -h") == plexctl(f"{line} --help")
    assert plexctl(f"{line} -h").code == 0


@each("placed", leaves())
def test_no_leaf_uses_the_letter_otherwise(placed):
    assert all("-h" not in parameter.opts for parameter in placed.leaf.params)


@pytest.mark.parametrize("form", ["-o=json", "-ojson", "-o json", "-vo=json"])
def test_an_equals_sign_after_a_short_flag_is_no_part_of_its_value(against, server, form):
    server.play(answer(200, EMPTY_PAGE))
    assert against(f"{LIST} {form}").json == EMPTY_PAGE
    server.play(problem(404))
    assert '"error"' in against(f"{LIST} {form}").stderr
    assert against(f"{form} {LIST} --nonsense").error["kind"] == "usage"


def test_nothing_after_it_is_an_empty_value(against):
    assert "--output: '' is not one of" in against(f"{LIST} -o=").stderr


def test_the_timeout_comes_from_the_flag_then_the_variable(against, server):
    hang = threading.Event()
    server.play(lambda _: hang.wait(PATIENCE_SECONDS))
    try:
        assert "within 0.02s (--timeout)" in against(f"{LIST} --timeout 20ms", PLEXSPHERE_TIMEOUT="1h").stderr
        assert "within 0.02s " in against(LIST, PLEXSPHERE_TIMEOUT="20ms").stderr
    finally:
        hang.set()


@pytest.mark.parametrize("value", ["soon", "0s", "-1s"])
def test_a_timeout_that_is_none_names_its_variable(against, server, value):
    outcome = against(LIST, PLEXSPHERE_TIMEOUT=value)
    assert outcome.code == 2
    assert outcome.stderr.startswith(f"plexctl: project list: PLEXSPHERE_TIMEOUT: {value!r} ")
    assert server.requests == []


def test_a_long_wait_shows_on_a_terminal_and_not_in_a_pipe(against, server):
    def slowly(connection):
        shown.wait(PATIENCE_SECONDS)
        connection.sendall(answer(200, EMPTY_PAGE))

    def note(text):
        if "(--timeout)" in text:
            shown.set()

    shown = threading.Event()
    server.play(slowly)
    showed, _ = Terminal(against)(LIST, on="stderr", watch=note)
    assert re.search(r"\r\x1b\[Kwaiting for a response: \d+s of 30s \(--timeout\)", showed)
    assert showed.endswith("\r\x1b[K"), "the line is taken away"
    assert against(LIST).stderr == ""


def test_a_refusal_names_no_global_flag_which_sets_no_member(against, server):
    for said in ("timeout of the datastore", "version conflict", "server is busy, ca_file unset"):
        server.play(problem(409, "another_conflict", detail=said))
        assert against(f"{CREATE} -o json").error["detail"] == said


def test_a_refusal_names_the_flag_and_not_the_member_of_the_request(admin, plane):
    project_id = plane.project()
    issue = f"bootstrap-token issue --project {project_id} --kind node --env-prefix dev"
    for ttl in ("1m", "25h"):
        outcome = admin(f"{issue} --ttl {ttl}")
        assert outcome.code == 2
        assert "--ttl (in seconds) " in outcome.stderr
        assert "ttl_seconds" not in outcome.stderr
        assert admin(f"{issue} --ttl {ttl} -o json").error["detail"] in outcome.stderr
    outcome = admin("domain create --slug d --display-name D --mesh-cidr 10.50.0.0/24")
    assert outcome.code == 1
    assert "--mesh-cidr 10.50.0.0/24 overlaps another Domain's" in outcome.stderr
    assert "mesh_cidr 10.50" not in outcome.stderr
    create = "project create --domain acme-corp --slug d"
    assert ": --display-name has 300 characters" in admin(f"{create} --display-name", "x" * 300).stderr
    assert ": --sub-range 10.9.0.0/24 " in admin(f"{create} --display-name D --sub-range 10.9.0.0/24").stderr
    assert ": --limit '201' is not" in admin("project list --limit 201").stderr
