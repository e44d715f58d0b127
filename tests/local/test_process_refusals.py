"""What a start refuses, each in one line and with nothing left running."""

import socket
import sqlite3
import subprocess
import sys
import threading

import pytest

from tests.local.processes import FREE, default_directory, failed, private_directory, started, state_home, write_private


@pytest.mark.parametrize("flags", ["--port 1 --signer-port 0", f"{FREE} --anchor-delay 1s"])
def test_a_second_start_with_other_options_is_refused(local, flags):
    plane = started(local)

    failed(local(f"local start {flags}"), "already running", "other options", str(default_directory(local)))

    assert local("local status -o json").json == plane


@pytest.mark.parametrize("flag", ["--port", "--signer-port"])
def test_a_busy_port_is_refused_and_leaves_nothing_running(local, flag):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        failed(local(f"local start {FREE} {flag} {port}"), f"127.0.0.1:{port}")

    assert local("local status").code == 1
    started(local)


@pytest.mark.parametrize("leaf", ["start", "serve"])
def test_the_title_and_the_advice_of_a_refusal_reach_the_operator_whole(local, leaf):
    directory = private_directory(local)
    write_private(directory / "root.key", b"short")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        outcome = local.child(f"local {leaf} --port {port} --signer-port 0")
    assert outcome.stderr == (
        f"plexctl: Plane Not Started: the HTTP API cannot listen on 127.0.0.1:{port}: Address already in use; "
        "choose another with --port; 0 means any free port\n"
    )

    assert local.child(f"local {leaf} {FREE}").stderr == (
        f"plexctl: Damaged Plane: {directory / 'root.key'} is not a root key: it holds 5 bytes, not 32; "
        "put the old file back, or run 'plexctl local reset --yes'\n"
    )


def test_a_running_plane_is_named_alike_by_serve_and_reset(local):
    started(local)
    refusal = f"plexctl: Plane Running: a plane is already running in {default_directory(local)}; stop it first\n"

    assert local.child(f"local serve {FREE}").stderr == refusal
    assert local.child("local reset --yes").stderr == refusal


def test_two_planes_do_not_share_a_signer_port(local, tmp_path):
    plane = started(local)
    port = plane["signer_endpoint"].split(":")[1]

    failed(local(f"local start --port 0 --signer-port {port} --data-dir", tmp_path / "other"), port)


def _foreign(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()


def _newer(path):
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {0x504C5843}")
        connection.execute("PRAGMA user_version = 999")
    connection.close()


@pytest.mark.parametrize("make", [_foreign, _newer, lambda path: path.write_bytes(b"not a database " * 100)])
def test_an_unknown_database_is_refused_and_stays_as_it_was(local, make):
    database = private_directory(local) / "plane.db"
    make(database)
    database.chmod(0o600)
    before = database.read_bytes()

    failed(local(f"local start {FREE}"), str(database))

    assert database.read_bytes() == before
    assert not (default_directory(local) / "root.key").exists()


def test_a_data_directory_that_cannot_be_one_is_refused(local, tmp_path):
    file = tmp_path / "file"
    file.write_text("kept")

    for path in (file, file / "below"):
        failed(local(f"local start {FREE} --data-dir", path), str(file))
        failed(local.child(f"local serve {FREE} --data-dir", path), str(file))
    assert file.read_text() == "kept"


def test_without_the_extra_one_line_says_what_to_install(local):
    script = "import sys; sys.modules['uvicorn'] = None; from plexctl.main import entry; entry()"
    for leaf in ("start", "serve", "stop", "status"):
        done = subprocess.run(
            [sys.executable, "-c", script, "local", leaf], env=local.environment, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.count(b"\n") == 1
        assert b"[local]' (try " in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "start --port 65536",
        "start --signer-port -1",
        "start --overlap-window '1 day'",
        "start --deployment-profile cloud",
        "start --ephemeral --data-dir x",
        "token --as root",
        "env --shell csh",
    ],
)
def test_a_wrong_flag_is_refused_before_anything_starts(local, line):
    done = local(f"local {line}")

    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert not state_home(local).exists()


def test_starts_at_once_on_one_directory_give_one_plane(local):
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(local.child(f"local start {FREE}"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [outcome.code for outcome in outcomes] == [0, 0, 0, 0]
    assert len({outcome.stdout for outcome in outcomes}) == 1
