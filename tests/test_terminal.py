"""What only a terminal gets: colour on stdout, progress on stderr. Everything else is the same bytes as in a pipe."""

import os
import pty
import re
import subprocess

import pytest

from tests.command import CHILD, arguments
from tests.fake_server import answer, problem
from tests.samples import ID, OTHER_ID, PROJECT
from tests.waiting import PATIENCE_SECONDS

PEERS = f"peer list --domain {ID}"
SNAPSHOT = {
    "nodes": [
        {"node_id": ID, "mesh_ip": "10.50.0.1", "reachability": "healthy"},
        {"node_id": OTHER_ID, "mesh_ip": "10.50.0.2", "reachability": "unreachable"},
    ],
    "edges": [],
}


class Terminal:
    """A child's stdout, stderr or both on a pseudo-terminal, the rest in pipes."""

    def __init__(self, plexctl) -> None:
        self._plexctl = plexctl

    def __call__(self, line: str, *, on: str, code: int = 0, **environment: str) -> tuple[str, str]:
        """Return what the terminal showed and what went into the pipes."""
        leader, follower = pty.openpty()
        stdout, stderr = (follower if name in on else subprocess.PIPE for name in ("stdout", "stderr"))
        child = subprocess.Popen(
            [*CHILD, *arguments(line)],
            env={"TERM": "xterm"} | self._plexctl.environment | environment,
            stdout=stdout,
            stderr=stderr,
        )
        os.close(follower)
        showed = b"".join(iter(lambda: _read(leader), b"")).decode().replace("\r\n", "\n")
        os.close(leader)
        piped = "".join(stream.decode() for stream in child.communicate(timeout=PATIENCE_SECONDS) if stream)
        assert child.returncode == code
        return showed, piped


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that nobody holds the other end any more
        return b""


@pytest.fixture
def terminal(against, server):
    server.play(answer(200, SNAPSHOT))
    return Terminal(against)


def test_only_a_terminal_gets_colour_and_otherwise_the_same_bytes(terminal, against):
    showed, piped = terminal(PEERS, on="stdout")
    assert "\x1b[32mhealthy\x1b[0m" in showed
    assert "\x1b[31munreachable\x1b[0m" in showed
    assert piped == ""
    plain = against(PEERS).stdout
    assert re.sub(r"\x1b\[[0-9]+m", "", showed) == plain
    assert terminal(PEERS, on="stderr") == ("", plain)


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
    assert showed.startswith("\r\x1b[K2 fetched\r\x1b[Kplexctl: A Title")
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
