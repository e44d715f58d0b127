"""--watch and --wait on a terminal: one place that shows the last look, and leaves it in the end."""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import termios

import pytest

from tests.command import CHILD
from tests.fake_server import answer, problem
from tests.interactive import Interactive
from tests.samples import ID
from tests.stalls import silence
from tests.terminal import Terminal, read_terminal
from tests.waiting import PATIENCE_SECONDS, eventually

WATCH = f"peer list --domain {ID} --watch --interval 100ms"
NODE = {"id": ID, "domain_id": ID, "project_id": ID, "kind": "vm", "mesh_ip": "10.50.0.1", "created_at": ""}
END = problem(403, "permission_denied")  # ends what only a signal would end
CTRL_C, CTRL_Z, CTRL_BACKSLASH = "\x03", "\x1a", "\x1c"
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


def mesh(state="healthy", nodes=1):
    peers = [
        {"node_id": f"{ID[:-3]}{number:03}", "mesh_ip": f"10.50.0.{number}", "reachability": state}
        for number in range(nodes)
    ]
    return answer(200, {"nodes": peers, "edges": []})


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def lines_of(view):
    """Return the lines of a view's last drawing, without the empty ones below."""
    last = view.rpartition("\x1b[Hplexctl")
    return [line.rstrip() for line in plain("plexctl" + last[2]).rstrip().split("\n")]


@pytest.fixture
def terminal(against):
    return Terminal(against)


def test_the_last_table_stays_when_the_view_has_gone(terminal, server, against):
    server.play(mesh("healthy"), mesh("stale"), END)
    showed, piped = terminal(WATCH, on="stdout", code=77)
    view, _, rest = showed.partition(LEAVE)
    assert view.startswith(ENTER)
    assert view.count("healthy") == view.count("stale") == 1
    server.play(mesh("stale"))
    assert plain(rest) == against(f"peer list --domain {ID}").stdout
    assert piped.startswith("plexctl: A Title: a detail")


def test_a_long_table_is_cut_in_the_view_and_whole_in_the_end(terminal, server):
    server.play(mesh(nodes=100), END)
    showed, _ = terminal(WATCH, on="stdout", code=77, columns=100)
    view, _, rest = showed.partition(LEAVE)
    assert "… and 80 more rows" in view
    assert view.count("healthy") == 20
    assert rest.count("healthy") == 100
    assert "… and" not in rest


@pytest.mark.parametrize("flags", ["", "--no-headers"])
def test_rows_go_on_below_where_the_window_is_narrow(terminal, server, flags):
    nodes = [{**NODE, "name": name, "reachability": state} for name, state in (("a", "healthy"), ("bb", "unreachable"))]
    server.play(answer(200, {"items": nodes}), END)
    showed, _ = terminal(f"node list --watch {flags}", on="stdout", code=77, columns=90)
    _, empty, *lines = lines_of(showed.partition(LEAVE)[0])
    headers = [f"{'NODE_ID':36}  NAME  {'PROJECT':36}  KIND", "  MESH_IP    REACHABILITY"]
    rows = [
        f"{ID}  a     {ID}  vm",
        "  10.50.0.1  healthy",
        f"{ID}  bb    {ID}  vm",
        "  10.50.0.1  unreachable",
    ]
    narrower = [row.replace("  a     ", "  a   ").replace("  bb    ", "  bb  ") for row in rows]
    assert [empty, *lines] == ["", *(narrower if flags else [*headers, *rows])]


def test_a_row_that_has_no_room_as_a_whole_is_counted(terminal, server):
    server.play(mesh(nodes=100), END)
    showed, _ = terminal(WATCH, on="stdout", code=77, columns=60)
    title, _, *lines = lines_of(showed.partition(LEAVE)[0])
    assert title.startswith("plexctl peer list, every 0.1s  ")
    assert (len(lines), lines[-2:]) == (21, ["  healthy", "… and 91 more rows"])


def test_title_and_cells_that_are_wider_than_the_window_go_on_below(terminal, server):
    server.play(mesh(), END)
    showed, _ = terminal(WATCH, on="stdout", code=77, columns=20)
    lines = lines_of(showed.partition(LEAVE)[0])
    assert max(map(len, lines)) == 20
    assert re.fullmatch(r"plexctl peer list,\nevery 0\.1s\n\d\d:\d\d:\d\dZ", "\n".join(lines[:3]))
    assert f"{ID[:20]}\n{ID[20:33]}" in "\n".join(lines)


def test_a_window_of_another_size_is_drawn_anew_and_ctrl_c_leaves_the_table(against, server):
    server.play(mesh(nodes=100))
    leader, follower = pty.openpty()
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("4H", 10, 60, 0, 0))
    child = against.start(f"peer list --domain {ID} --watch --interval 1h", stdout=follower, TERM="xterm")
    os.close(follower)
    _read_until(leader, "… and 98 more rows")
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("4H", 30, 60, 0, 0))
    _read_until(leader, "… and 88 more rows")
    child.send_signal(signal.SIGINT)
    left = _read_until(leader, LEAVE).partition(LEAVE)[2] + b"".join(iter(lambda: read_terminal(leader), b"")).decode()
    os.close(leader)
    assert child.communicate(timeout=PATIENCE_SECONDS)[1] == b"plexctl: interrupted\n"
    assert (child.returncode, left.count("healthy"), len(server.requests)) == (130, 100, 1)


def _read_until(leader, text):
    shown = b""
    while text.encode() not in shown:
        assert select.select([leader], [], [], PATIENCE_SECONDS)[0], shown
        read = read_terminal(leader)
        assert read, shown
        shown += read
    return shown.decode(errors="replace")


@pytest.fixture
def shell(against, server, tmp_path):
    """A shell with job control, which starts plexctl in the foreground of its terminal."""
    server.play(mesh())
    with Interactive(["bash", "--norc", "--noprofile", "-i"], against.environment | {"PS1": "ready> "}, tmp_path) as it:
        it.until("ready> ")
        it.type(f"TERM=xterm {shlex.join(CHILD)} {WATCH}\n")
        it.until("healthy")
        yield it


def test_ctrl_z_leaves_the_view_and_stops_it_until_it_is_in_the_foreground_again(shell, server):
    server.play(mesh("stale"))
    shell.until("stale")
    shell.type(CTRL_Z)
    assert re.search(rf"{re.escape(LEAVE)}.*Stopped.*ready> ", shell.until("ready> "), re.DOTALL)
    shell.type("bg; wait -n; echo waited\n")
    assert ENTER not in shell.until("waited\r\n")
    assert "\x1b[?25h" in shell.seen.rpartition("\x1b[?25l")[2]
    shell.type("fg\n")
    assert "peer list, every" in shell.until("stale").rpartition(ENTER)[2]
    shell.type(CTRL_Z)
    shell.until("Stopped")
    shell.type("fg\n")
    shell.until(ENTER)
    shell.type(CTRL_C)
    assert "stale" in shell.until("interrupted").rpartition(LEAVE)[2]


def test_ctrl_z_stops_it_at_once_during_a_request(shell, server):
    server.play(silence(server))
    asked = len(server.requests)
    eventually(lambda: len(server.requests) > asked)
    shell.type(CTRL_Z)
    assert LEAVE in shell.until("Stopped")
    shell.type("fg\n")
    assert "healthy" in shell.until("healthy").rpartition(ENTER)[2]


def test_ctrl_backslash_leaves_the_view_and_ends_it_by_that_signal(shell):
    shell.type(CTRL_BACKSLASH)
    shown = shell.until("ready> ")
    assert "\x1b[?25h" in shown.rpartition("\x1b[?25l")[2]
    assert LEAVE in shown
    shell.type("echo code $?\n")
    assert f"code {128 + signal.SIGQUIT}" in shell.until("\r\nready> ")


def test_an_outage_is_told_above_the_last_table(terminal, server):
    server.play(mesh(), problem(408), problem(408), mesh(), END)
    view = plain(terminal(WATCH, on="stdout stderr", code=77, columns=120).terminal)
    assert view.count("not refreshed since: A Title: a detail") == 2
    assert "\n" not in view.partition("plexctl peer list")[0]


def test_no_view_where_the_terminal_understands_none(terminal, server):
    server.play(mesh("healthy"), mesh("stale"), END)
    showed, _ = terminal(WATCH, on="stdout", code=77, TERM="dumb")
    assert "\x1b" not in showed
    assert showed.count("NODE_ID") == 2
    server.play(mesh("healthy"), mesh("stale"), END)
    assert len(terminal(f"{WATCH} -o json", on="stdout", code=77).terminal.splitlines()) == 2


def test_what_a_server_sends_moves_nothing_in_the_view(terminal, server):
    server.play(mesh("\x1b[2Jgone\r\n"), END)
    assert "\x1b[2J" not in terminal(WATCH, on="stdout", code=77).terminal


def test_an_outage_is_progress_where_stderr_is_a_terminal(terminal, server):
    server.play(mesh(), problem(408), mesh("stale"), END)
    showed, piped = terminal(WATCH, on="stderr", code=77)
    assert showed.startswith("\r\x1b[Kwatching goes on after A Title: a detail\r\x1b[K")
    assert "warning" not in showed
    assert piped.count("NODE_ID") == 2


def test_a_wait_shows_what_is_missing_and_takes_that_away(terminal, server, against):
    server.play(mesh(nodes=0), mesh(nodes=0), mesh())
    showed, piped = terminal(f"peer wait --domain {ID} --count 1", on="stderr")
    line = r"\r\x1b\[Kwaiting, \d+s left: 0 of 1 Peers are anchored"
    assert re.fullmatch(rf"{line}{line}\r\x1b\[K", showed)
    assert piped == against(f"peer list --domain {ID}").stdout


def test_progress_shows_no_control_character_and_no_secret(terminal, server):
    hostile = problem(408, detail="\x1b[2Jand the token, which is a-token")
    server.play(mesh(), hostile, END)
    showed, _ = terminal(WATCH, on="stderr", code=77)
    assert "\x1b[2J" not in showed
    assert "a-token" not in showed
    server.play(hostile, mesh())
    showed, _ = terminal(f"peer wait --domain {ID} --count 1", on="stderr")
    assert "\\x1b[2Jand" in showed
    assert "a-token" not in showed


def test_a_wait_in_a_pipe_says_nothing(against, server):
    server.play(mesh(nodes=0), mesh())
    assert against(f"peer wait --domain {ID} --count 1").stderr == ""
