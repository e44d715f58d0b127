"""What local logs shows: all, the last lines, or those from a time on; readable at a terminal, as written in a pipe."""

import json

import pytest

from tests.local.processes import private_directory, write_private
from tests.terminal import Terminal

LINES = [
    {
        "time": f"2026-05-01T12:0{minute}:00.000Z",
        "level": "info",
        "message": "request",
        "path": f"/{minute}",
        "status": 200,
    }
    for minute in range(4)
]
TRACEBACK = {
    "time": "2026-05-01T12:04:00.000Z",
    "level": "error",
    "message": "it \x1b[2J failed",
    "traceback": "Traceback:\n  a\nValueError: no",
}


@pytest.fixture
def log(local):
    """Write a log, and return its lines as they are."""
    written = [json.dumps(line) for line in (*LINES, TRACEBACK)]
    write_private(private_directory(local) / "plane.log", "".join(f"{line}\n" for line in written).encode())
    return written


def test_in_a_pipe_the_lines_are_as_the_plane_wrote_them(local, log):
    assert local("local logs").stdout.splitlines() == log


def test_on_a_terminal_each_entry_is_one_readable_line(local, log):
    shown = Terminal(local)("local logs", on="stdout").terminal.splitlines()
    assert len(shown) == len(log)
    assert shown[1] == "2026-05-01T12:01:00.000Z INFO request path=/1 status=200"
    assert shown[-1] == r'2026-05-01T12:04:00.000Z ERROR it \x1b[2J failed traceback="ValueError: no"'


@pytest.mark.parametrize(
    ("flags", "first"),
    [
        ("--tail 2", 3),
        ("--tail 0", 5),
        ("--tail 99", 0),
        ("--since 2026-05-01T12:02:00Z", 2),
        ("--since 2026-05-01T14:03:00+02:00", 3),
        ("--since 2026-05-01T12:01:00Z --tail 2", 3),
        ("--since 5m", 5),
        ("--since 999999h", 0),
    ],
)
def test_the_flags_choose_the_lines(local, log, flags, first):
    assert local(f"local logs {flags}").stdout.splitlines() == log[first:]
    assert local(f"local logs {flags} -o json").json["items"] == [*LINES, TRACEBACK][first:]


@pytest.mark.parametrize(
    "flags", ["--tail -1", "--tail x", "--tail ''", "--since yesterday", "--since ''", "--since 2026-05-01T12:00:00"]
)
def test_a_wrong_value_is_refused(local, flags):
    assert local(f"local logs {flags}").code == 2
