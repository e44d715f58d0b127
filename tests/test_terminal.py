"""What only a terminal gets: colour on stdout, progress on stderr. Everything else is the same bytes as in a pipe."""

import re

import pytest

from tests.each import each
from tests.fake_server import answer, problem
from tests.samples import ID, OTHER_ID, PROJECT
from tests.terminal import Terminal

PEERS = f"peer list --domain {ID}"
SNAPSHOT = {
    "nodes": [
        {"node_id": ID, "mesh_ip": "10.50.0.1", "reachability": "healthy"},
        {"node_id": OTHER_ID, "mesh_ip": "10.50.0.2", "reachability": "unreachable"},
        {"node_id": OTHER_ID.replace("7", "8"), "mesh_ip": "10.50.0.3", "reachability": "stale"},
    ],
    "edges": [],
}


RED = "\x1b[31m\x1b[1m"


def plain(text):
    """Text without its colour."""
    return re.sub(r"\x1b\[[0-9]+m", "", text)


@pytest.fixture
def terminal(against, server):
    server.play(answer(200, SNAPSHOT))
    return Terminal(against)


def test_only_a_terminal_gets_colour_and_otherwise_the_same_bytes(terminal, against):
    showed, piped = terminal(PEERS, on="stdout")
    for state, colour in (("healthy", 32), ("stale", 33), ("unreachable", 31)):
        assert f"\x1b[{colour}m{state}\x1b[0m" in showed
    assert piped == ""
    piped_table = against(PEERS).stdout
    assert plain(showed) == piped_table
    assert terminal(PEERS, on="stderr") == ("", piped_table)


@pytest.mark.parametrize(
    ("flags", "environment"),
    [("--no-color", {}), ("", {"NO_COLOR": "1"}), ("", {"TERM": "dumb"}), ("-o json", {}), ("-o yaml", {})],
    ids=str,
)
def test_no_colour_where_none_is_wanted(terminal, against, flags, environment):
    showed, _ = terminal(f"{PEERS} {flags}", on="stdout", **environment)
    assert showed == against(f"{PEERS} {flags}").stdout


def test_an_empty_no_color_counts_as_unset(terminal):
    assert "\x1b[32m" in terminal(PEERS, on="stdout", NO_COLOR="")[0]


def test_progress_is_for_a_terminals_stderr_and_leaves_no_trace(terminal, server):
    pages = [answer(200, {"items": [PROJECT] * 2, "next_cursor": cursor}) for cursor in ("a", "b", None)]
    server.play(*pages)
    showed, piped = terminal("project list --all", on="stderr")
    assert showed == "\r\x1b[K2 fetched\r\x1b[K4 fetched\r\x1b[K"
    assert len(piped.splitlines()) == 7
    server.play(*pages)
    showed, piped = terminal("project list --all", on="stdout")
    assert piped == ""
    assert len(showed.splitlines()) == 7


def test_progress_gives_way_to_whatever_is_said(terminal, server):
    """Else an error would stand behind what was left on the line."""
    page = answer(200, {"items": [PROJECT] * 2, "next_cursor": "a"})
    server.play(page, problem(500))
    showed, piped = terminal("project list --all", on="stderr", code=1)
    assert plain(showed).startswith("\r\x1b[K2 fetched\r\x1b[Kplexctl: A Title")
    assert piped == ""


def test_where_there_was_no_progress_nothing_is_taken_away(terminal, server):
    server.play(answer(200, {"items": [PROJECT]}))
    assert terminal("project list --all", on="stderr")[0] == ""


def test_a_terminal_that_cannot_take_text_away_is_shown_no_progress(terminal, server):
    server.play(answer(200, {"items": [PROJECT], "next_cursor": "a"}), answer(200, {"items": [PROJECT]}))
    assert terminal("project list --all", on="stderr", TERM="dumb")[0] == ""


def test_the_width_of_the_terminal_changes_no_table(terminal, against):
    wide = against(PEERS)
    assert against(PEERS, COLUMNS="20") == wide
    assert terminal(f"{PEERS} --no-color", on="stdout", COLUMNS="20")[0] == wide.stdout


@pytest.mark.parametrize(("columns", "widest"), [(60, 58), (72, 70), (200, 78)])
def test_help_is_as_wide_as_the_terminal_and_no_wider_than_is_read_well(terminal, columns, widest):
    showed = terminal("help output", on="stdout", columns=columns).terminal
    assert widest - 15 < max(len(line) for line in showed.splitlines()) <= widest


def test_help_is_coloured_on_a_terminal_and_otherwise_the_same(terminal, plexctl):
    for line in ("--help", "peer --help", "peer list --help", "help flags"):
        showed, _ = terminal(line, on="stdout")
        assert "\x1b[1m" in showed
        assert "\x1b[36m" in showed or line == "help flags"
        assert plain(showed) == plexctl(line).stdout
        assert terminal(f"--no-color {line}", on="stdout") == (plexctl(line).stdout, "")


def test_errors_and_warnings_begin_in_colour_on_a_terminal_and_are_otherwise_the_same(terminal, plexctl, server):
    showed, _ = terminal("peer list", on="stderr", code=2)
    assert showed == f"{RED}plexctl:\x1b[0m {plexctl('peer list').stderr.removeprefix('plexctl: ')}"
    server.play(answer(200, SNAPSHOT))
    showed, _ = terminal(f"{PEERS} --reveal-secrets", on="stderr")
    assert showed.startswith("\x1b[33mplexctl: warning:\x1b[0m secrets are shown")


def test_a_failure_at_the_server_is_one_line_on_a_terminal(terminal, server):
    server.play(problem(404))
    showed = terminal(PEERS, on="stdout stderr", code=4).terminal
    assert plain(showed).startswith("plexctl: A Title: a detail (404, request ")
    assert showed.count("\n") == 1
    assert "\x1b" not in plain(showed)


@each(
    ("flags", "environment", "is_coloured"),
    [
        ("--color always", {}, True),
        ("", {"FORCE_COLOR": "1"}, True),
        ("", {"FORCE_COLOR": ""}, False),
        ("--color always", {"NO_COLOR": "1"}, True),
        ("", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("--color never", {"FORCE_COLOR": "1"}, False),
        ("--color auto", {"FORCE_COLOR": "1"}, False),
        ("--color always --no-color", {}, False),
        ("--no-color --color always", {}, True),
        ("--color always", {"TERM": "dumb"}, True),
    ],
)
def test_colour_in_a_pipe_is_for_those_who_ask_for_it(against, server, flags, environment, is_coloured):
    server.play(answer(200, SNAPSHOT))
    outcome = against(f"{PEERS} {flags}", **environment)
    assert ("\x1b[32mhealthy\x1b[0m" in outcome.stdout) == is_coloured
    assert (RED in against(f"{flags} peer lst", **environment).stderr) == is_coloured


def test_a_document_has_no_colour(against, server):
    server.play(answer(200, SNAPSHOT))
    assert "\x1b" not in against(f"{PEERS} -o json --color always").stdout
