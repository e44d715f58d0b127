"""A plane has one identity, from the start that is not over yet to the end that it brings about itself."""

import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from plexctl.local import holder, process, state
from tests.command import CHILD
from tests.local.processes import (
    FREE,
    default_directory,
    failed,
    in_shell,
    is_alive,
    killed,
    private_directory,
    started,
    write_private,
)
from tests.plane import accepts
from tests.stalls import site
from tests.tables import table
from tests.waiting import PATIENCE_SECONDS, eventually


@contextmanager
def busy_database(local) -> Iterator[None]:
    """Keep every start waiting: another process writes to the database."""
    path = default_directory(local) / "plane.db"
    if not path.exists():
        write_private(private_directory(local) / "plane.db", b"")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def waiting_start(local, leaf="start") -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A start, with the process id of its plane, while the database is busy."""
    with busy_database(local), local.start(f"local {leaf} {FREE}") as starting:
        found = eventually(lambda: starting.poll() is not None or state.look(default_directory(local)))
        assert starting.poll() is None, starting.stderr.read()
        yield starting, found.pid


def test_a_plane_that_starts_is_described_as_starting_and_can_be_stopped(local, monkeypatch):
    with waiting_start(local) as (starting, pid):
        for leaf in ("status", "env"):
            failed(local(f"local {leaf}"), "Plane Starting", f"is starting (process {pid})")
        with monkeypatch.context() as patch:
            patch.setattr(process, "START_SECONDS", 0)
            failed(local(f"local start {FREE}"), "already running", "it is starting")
        failed(local("local reset --yes"), "already running")

        assert local("local stop").code == 0

        _, stderr = starting.communicate(timeout=PATIENCE_SECONDS)
    assert not is_alive(pid)
    assert (starting.returncode, stderr) == (1, b"plexctl: Plane Not Started: it was stopped before it answered\n")
    started(local)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_start_that_is_ended_takes_its_plane_along(local, number, code):
    with waiting_start(local) as (starting, pid):
        starting.send_signal(number)
        starting.communicate(timeout=PATIENCE_SECONDS)
        assert not is_alive(pid)
    assert starting.returncode == code


def test_a_start_that_is_killed_leaves_no_plane_once_it_could_answer(local):
    with waiting_start(local) as (starting, pid):
        starting.kill()
        starting.communicate(timeout=PATIENCE_SECONDS)
    eventually(lambda: not is_alive(pid))
    assert local("local status").code == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)], ids=str)
def test_serve_can_be_ended_while_it_starts(local, number, code):
    with waiting_start(local, "serve") as (serving, _):
        serving.send_signal(number)
        serving.communicate(timeout=PATIENCE_SECONDS)
    assert serving.returncode == code


def test_an_ephemeral_start_that_is_ended_leaves_nothing(local):
    note = local.home / "started"
    stalled = """
import os, sqlite3, threading
real = sqlite3.connect
def connect(path, *rest, **options):
    if "plane.db" not in str(path):  # what measures the coverage has a database, too
        return real(path, *rest, **options)
    open(os.path.join(os.environ["HOME"], "started"), "w").close()
    threading.Event().wait()
sqlite3.connect = connect
"""
    local.home.mkdir()
    with local.start(f"local start {FREE} --ephemeral", **site(local.home / "site", stalled)) as starting:
        eventually(lambda: note.exists() or starting.poll() is not None)
        starting.send_signal(signal.SIGTERM)
        starting.communicate(timeout=PATIENCE_SECONDS)
    assert starting.returncode == 143
    assert list(default_directory(local).with_name("local-ephemeral").iterdir()) == []


def test_a_process_that_has_a_dead_planes_id_is_neither_described_nor_signalled(local):
    plane = started(local)
    killed(plane["pid"])
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as stranger:
        note = default_directory(local) / "state.json"
        note.write_text(json.dumps(json.loads(note.read_text()) | {"pid": stranger.pid}))
        with waiting_start(local) as (starting, pid):
            assert pid != stranger.pid
            failed(local("local status"), "is starting")
            assert local("local stop").code == 0
            starting.communicate(timeout=PATIENCE_SECONDS)
        assert stranger.poll() is None


def test_a_plane_whose_process_cannot_be_told_from_others_is_left_alone(local):
    plane = started(local)
    note = default_directory(local) / "state.json"
    kept = note.read_text()
    note.write_text(json.dumps(json.loads(kept) | {"place": "another-boot pid:[1]"}))

    failed(local("local stop"), "Plane Not Stopped", str(plane["pid"]), "nothing was signalled")

    assert is_alive(plane["pid"])
    note.write_text(kept)


def test_stopping_succeeds_where_the_plane_has_just_ended(local, monkeypatch):
    plane = started(local)

    def send(pid, born, number):
        killed(plane["pid"])
        return original(pid, born, number)

    original = holder.send
    monkeypatch.setattr(holder, "send", send)
    assert local("local stop").code == 0


def test_two_that_stop_one_plane_both_succeed(local):
    started(local)
    stopping = [local.start("local stop") for _ in range(2)]
    for each in stopping:
        each.communicate(timeout=PATIENCE_SECONDS)
    assert [each.returncode for each in stopping] == [0, 0]


def test_a_hang_up_ends_a_plane_as_sigterm_does(local):
    serving = local.start(f"local serve {FREE}")
    header, row = serving.stdout.readline(), serving.stdout.readline()
    url = table((header + row).decode())[0]["URL"]
    serving.send_signal(signal.SIGHUP)
    serving.communicate(timeout=PATIENCE_SECONDS)
    assert serving.returncode == 0
    eventually(lambda: not accepts(url.removeprefix("http://")))


def test_a_plane_owes_nothing_to_the_signals_that_its_caller_ignores(local):
    in_shell(local, f"trap '' INT TERM HUP; exec {shlex.join(CHILD)} local start {FREE}")
    plane = local("local status -o json").json
    os.kill(plane["pid"], signal.SIGTERM)
    eventually(lambda: not is_alive(plane["pid"]))


def _remove_directory(directory: Path) -> None:
    shutil.rmtree(directory)


def _replace_directory(directory: Path) -> None:
    copy = shutil.copytree(directory, directory.with_name("copy"))
    directory.rename(directory.with_name("moved"))
    copy.rename(directory)  # at once, before the plane looks again


def _replace(name: str):
    def act(directory: Path) -> None:
        shutil.copy2(directory / name, directory / "copy")
        (directory / "copy").replace(directory / name)

    return act


# A plane that looks at its files and threads fifty times per second, and not once.
LOOKS_OFTEN = """
from plexctl.local import daemon
daemon._CHECK_SECONDS = 0.02
"""


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        (_remove_directory, "local has been removed"),
        (_replace_directory, "local has been replaced"),
        (lambda directory: (directory / "state.json").unlink(), "state.json has been removed"),
        (_replace("state.json"), "state.json has been replaced"),
        (lambda directory: (directory / "plane.db").unlink(), "plane.db has been removed"),
        (_replace("plane.db"), "plane.db has been replaced"),
        (lambda directory: (directory / "plane.db-wal").unlink(), "plane.db-wal has been removed"),
    ],
    ids=["no-directory", "other-directory", "no-state", "other-state", "no-database", "other-database", "no-wal"],
)
def test_a_plane_that_has_lost_its_files_says_so_and_ends(local, tmp_path, act, complaint):
    serving = local.start(f"local serve {FREE}", **site(tmp_path / "site", LOOKS_OFTEN))
    serving.stdout.readline(), serving.stdout.readline()

    serving.send_signal(signal.SIGSTOP)  # it looks again only once the act is over
    os.waitid(os.P_PID, serving.pid, os.WSTOPPED | os.WNOWAIT)
    act(default_directory(local))
    serving.send_signal(signal.SIGCONT)

    _, stderr = serving.communicate(timeout=PATIENCE_SECONDS)
    lines = stderr.decode().splitlines()
    assert len(lines) > 1, lines
    *_, said, failure = lines
    assert serving.returncode == 1
    assert complaint in json.loads(said)["message"]
    assert failure.startswith("plexctl: Plane Ended: ")
    assert complaint in failure
    shutil.rmtree(default_directory(local), ignore_errors=True)


# The plane's clock: it moves ahead by the seconds that the file names.
MOVABLE_CLOCK = """
import os, time
path, real = os.path.join(os.path.dirname(__file__), "ahead"), time.time
def ahead():
    try:
        return float(open(path).read() or 0)
    except FileNotFoundError:
        return 0.0
time.time = lambda: real() + ahead()
"""


def test_a_plane_of_which_a_thread_has_ended_ends(local, tmp_path):
    done = local(f"local start {FREE} -o json", **site(tmp_path / "site", MOVABLE_CLOCK))
    (tmp_path / "site" / "ahead").write_text(
        str(300_000_000_000)
    )  # past the year 9999, which the HTTP server cannot say

    eventually(lambda: not is_alive(done.json["pid"]))

    messages = [line["message"] for line in local("local logs -o json").json["items"]]
    assert messages[-2:] == [
        "the thread http has failed; the plane stops",
        "the plane ends: the thread http has ended",
    ]
    assert local("local status").code == 1


def test_health_says_what_the_plane_finds_wrong_with_itself(plane):
    assert plane.nobody.get("/v1/health").status_code == 200
    (plane.plane.data_dir / "plane.db").rename(plane.plane.data_dir / "elsewhere")

    answer = httpx.get(f"{plane.url}/v1/health", trust_env=False)

    (plane.plane.data_dir / "elsewhere").rename(plane.plane.data_dir / "plane.db")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")
    assert answer.json()["checks"][-1] == {
        "name": "plane",
        "status": "down",
        "detail": f"{plane.plane.data_dir / 'plane.db'} has been removed",
    }
