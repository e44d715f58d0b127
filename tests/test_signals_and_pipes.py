"""Ctrl-C, SIGTERM, closed pipes, full disks, unexpected errors: one line or none, and the exit code of each."""

import json
import signal
import socket
import subprocess
from contextlib import closing

import pytest
import yaml

from tests.command import CHILD, arguments
from tests.fake_server import answer
from tests.samples import ID, LIST, SIGNING_ROTATE
from tests.stalls import silence, site
from tests.tables import table
from tests.waiting import PATIENCE_SECONDS, eventually

SIGNALS = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "terminated")}
DATA = f"peer list --domain {ID}"
PEERS = {"nodes": [{"node_id": ID, "mesh_ip": "10.50.0.1", "reachability": "healthy"}], "edges": []}


def interrupt(child, number: int) -> tuple[int, bytes, str]:
    child.send_signal(number)
    stdout, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    return child.returncode, stdout, stderr.decode()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("form", ["text", "json", "yaml"])
def test_a_signal_during_a_request_ends_it_at_once(against, server, number, form):
    server.play(silence(server))
    child = against.start(f"{LIST} -o {form}")
    eventually(lambda: server.requests)
    code, stdout, stderr = interrupt(child, number)
    expected, word = SIGNALS[number]
    assert (code, stdout) == (expected, b"")
    if form == "text":
        assert stderr == f"plexctl: {word}\n"
    else:
        error = (json.loads if form == "json" else yaml.safe_load)(stderr)["error"]
        assert (error["kind"], error["exit_code"], error["title"]) == ("interrupted", expected, word)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_signer_is_silent_ends_the_call_at_once(plexctl, number):
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        child = plexctl.start(SIGNING_ROTATE, PLEXSPHERE_SIGNER_ENDPOINT=f"127.0.0.1:{listener.getsockname()[1]}")
        listener.settimeout(PATIENCE_SECONDS)
        connection, _ = listener.accept()
        with closing(connection):
            code, stdout, stderr = interrupt(child, number)
    assert (code, stdout, stderr) == (SIGNALS[number][0], b"", f"plexctl: {SIGNALS[number][1]}\n")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_shows_no_traceback(against, server, number):
    server.play(silence(server))
    child = against.start(LIST)
    eventually(lambda: server.requests)
    child.send_signal(number)
    code, stdout, stderr = interrupt(child, number)
    expected, word = SIGNALS[number]
    assert code in {expected, -number}  # a shell shows both as the same
    assert stdout == b""
    assert stderr in {f"plexctl: {word}\n", ""}


def test_what_a_shell_starts_to_survive_ctrl_c_survives_it(against, server):
    server.play(silence(server))
    script = 'trap "" INT; exec "$@"'
    child = subprocess.Popen(
        ["sh", "-c", script, "sh", *CHILD, *arguments(LIST)], env=against.environment, stderr=subprocess.PIPE
    )
    eventually(lambda: server.requests)
    child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGTERM)
    assert (child.communicate(timeout=PATIENCE_SECONDS)[1], child.returncode) == (b"plexctl: terminated\n", 143)


def shell(plexctl, redirection: str, line: str) -> subprocess.CompletedProcess[str]:
    """Run plexctl from a shell that redirects its streams first."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *CHILD, *arguments(line)],
        env=plexctl.environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip


@pytest.fixture
def with_peers(against, server):
    server.play(answer(200, PEERS))
    return against


def test_head_may_close_the_pipe_in_the_middle_of_a_long_list(against, server):
    project = {"id": ID, "domain_id": ID, "slug": "s", "name": "n" * 1000, "created_at": "2026-05-01T12:00:00Z"}
    server.play(answer(200, {"items": [project] * 2000}))
    child = against.start(LIST)
    assert child.stdout.readline().startswith(b"ID ")
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(timeout=PATIENCE_SECONDS) == 141


@pytest.mark.parametrize("line", [DATA, f"{DATA} -ojson"])
def test_a_full_disk_is_one_line_and_exit_1(with_peers, line):
    done = shell(with_peers, ">/dev/full", line)
    assert done.returncode == 1
    if "-ojson" in line:
        assert json.loads(done.stderr)["error"]["kind"] == "local"
    else:
        assert done.stderr == "plexctl: Local Failure: No space left on device\n"


def test_a_closed_stderr_changes_no_exit_code(with_peers):
    done = shell(with_peers, "2>&-", DATA)
    assert (done.returncode, table(done.stdout)[0]["NODE_ID"]) == (0, ID)
    assert shell(with_peers, "2>&-", "peer list").returncode == 2
    assert shell(with_peers, "2>&-", f"-v {DATA}").returncode == 0
    assert shell(with_peers, ">&- 2>&-", "peer list").returncode == 2
    assert shell(with_peers, "2>/dev/full", "peer list").returncode == 2


def test_a_closed_stdin_changes_nothing(with_peers):
    assert shell(with_peers, "<&-", DATA).returncode == 0


BROKEN = """
from plexctl.clients.plexsphere import Plexsphere
def broken(*_): raise RuntimeError("the unexpected, in the \\x1b[31mred")
Plexsphere.peers = broken
"""


@pytest.fixture
def broken(against, tmp_path):
    """plexctl with a fault of its own in it."""
    against.environment |= site(tmp_path / "site", BROKEN)
    return against


def test_an_unexpected_error_is_one_line(broken):
    outcome = broken.child(DATA)
    line = r"plexctl: Unexpected Error: RuntimeError: the unexpected, in the \x1b[31mred; PLEXCTL_DEBUG=1 shows where"
    assert outcome == (1, "", f"{line}\n")


def test_an_unexpected_error_is_one_document(broken):
    outcome = broken.child(f"{DATA} -o json")
    assert (outcome.code, outcome.stdout, outcome.error["kind"]) == (1, "", "local")


def test_a_file_that_fails_is_named(against, tmp_path):
    fault = BROKEN.replace('RuntimeError("', 'PermissionError(13, "Permission denied", "/a/file") #')
    outcome = against.child(DATA, **site(tmp_path / "site", fault))
    assert outcome == (1, "", "plexctl: Local Failure: /a/file: Permission denied\n")


@pytest.mark.parametrize("value", ["", "0", "true"])
def test_only_debug_1_shows_a_traceback(broken, value):
    assert "Traceback" not in broken.child(DATA, PLEXCTL_DEBUG=value).stderr


def test_debug_shows_the_traceback_of_an_unexpected_error(broken):
    outcome = broken.child(DATA, PLEXCTL_DEBUG="1")
    assert (outcome.code, outcome.stdout) == (1, "")
    where, begin, *_ = outcome.stderr.splitlines()
    assert where.startswith("plexctl: server http://")
    assert begin == "Traceback (most recent call last):"
    assert "in broken" in outcome.stderr


def test_debug_shows_no_traceback_of_a_failure_that_is_understood(plexctl):
    assert plexctl.child("peer list", PLEXCTL_DEBUG="1").stderr.startswith("plexctl: peer list: --domain: is required")
