"""The local family through real processes: started, found, stopped, reset."""

import json
import os
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
import yaml

from plexctl.local import data_directory
from tests.command import CHILD
from tests.plane import accepts, eventually, half_a_request

FREE = ("--port", "0", "--signer-port", "0")


@pytest.fixture
def local(plexctl):
    """plexctl whose local planes end with the test."""
    yield plexctl
    eventually(lambda: "no plane is running" in plexctl.child("local", "stop").stderr)


def _state(local) -> Path:
    return local.home / ".local" / "state" / "plexctl"


def _default(local) -> Path:
    return _state(local) / "local"


def _started(local, *arguments):
    done = local.child("local", "start", *FREE, "-o", "json", *arguments)
    assert done.code == 0, done.stderr
    return done.json


def _failed(done, *words):
    """Expect one line on stderr, nothing on stdout, exit 1."""
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith("plexctl: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_both_doors_answer_when_start_returns_and_neither_after_stop(local):
    plane = _started(local)

    assert httpx.get(f"{plane['url']}/v1/health", trust_env=False).json()["status"] == "ok"
    assert accepts(plane["signer_endpoint"])
    assert local.child("local", "status", "-o", "json").json == plane
    assert os.getsid(plane["pid"]) == plane["pid"]  # a Ctrl-C in this terminal is none of its business

    stopped = local.child("local", "stop")
    assert (stopped.code, stopped.stdout, stopped.stderr) == (0, "", "")
    assert not accepts(plane["url"].removeprefix("http://"))
    assert not accepts(plane["signer_endpoint"])
    assert not (_default(local) / "state.json").exists()


def test_start_says_once_that_it_is_for_development(local):
    done = local.child("local", "start", *FREE)

    assert done.stderr == 'plexctl: for development only; to use it: eval "$(plexctl local env)"\n'
    header, row = done.stdout.splitlines()
    assert header.split() == ["URL", "SIGNER_ENDPOINT", "PID", "STARTED_AT", "DATA_DIR"]
    assert row.split()[-1] == str(_default(local))


def test_start_holds_no_stream_of_its_caller(local):
    script = f"x=$({shlex.join(CHILD)} local start {' '.join(FREE)} 2>&1); echo ended"

    done = subprocess.run(["sh", "-c", script], env=local.environment, capture_output=True, timeout=30, check=True)

    assert done.stdout == b"ended\n"


def test_env_points_plexctl_at_the_plane_and_leaves_its_config_alone(local):
    plane = _started(local)
    script = f'eval "$({shlex.join(CHILD)} local env)"; {shlex.join(CHILD)} domain list -o json'

    done = subprocess.run(["sh", "-c", script], env=local.environment, capture_output=True, timeout=30, check=True)

    assert [item["slug"] for item in json.loads(done.stdout)["items"]] == [
        "acme-corp",
        "beta-llc",
        "gamma-cooperative",
    ]
    assert not (local.home / ".config").exists()
    variables = local.child("local", "env", "-o", "json").json
    assert variables["PLEXSPHERE_URL"] == plane["url"]
    assert variables["PLEXSPHERE_SIGNER_ENDPOINT"] == plane["signer_endpoint"]
    assert variables["PLEXSPHERE_TOKEN"] == local.child("local", "token", "--as", "admin").stdout.rstrip("\n")


@pytest.mark.parametrize(
    ("shell", "form"),
    [
        ("sh", "export PLEXSPHERE_URL={url}"),
        ("fish", "set -gx PLEXSPHERE_URL '{url}'"),
        ("powershell", "$env:PLEXSPHERE_URL = '{url}'"),
    ],
)
def test_env_speaks_three_shells(local, shell, form):
    plane = _started(local)

    first, *others = local.child("local", "env", "--shell", shell).stdout.splitlines()

    assert first == form.format(url=plane["url"])
    assert len(others) == 2


def test_tokens_last_from_start_to_start_and_until_reset(local):
    _started(local)
    before = {name: local.child("local", "token", "--as", name).stdout for name in ("admin", "viewer", "outsider")}
    local.child("local", "stop")
    plane = _started(local)

    after = {name: local.child("local", "token", "--as", name).stdout for name in before}
    assert after == before
    assert len(set(before.values())) == 3
    for token in before.values():
        answer = httpx.get(
            f"{plane['url']}/v1/auth/whoami", headers={"Authorization": f"Bearer {token.strip()}"}, trust_env=False
        )
        assert answer.status_code == 200

    _failed(local.child("local", "reset", "--yes"), "already running", "stop it first")
    local.child("local", "stop")
    assert local.child("local", "reset").code == 2
    assert _default(local).exists()
    assert local.child("local", "reset", "--yes").code == 0
    assert not _default(local).exists()
    _failed(local.child("local", "token", "--as", "admin"), "local start")
    _started(local)
    assert local.child("local", "token", "--as", "admin").stdout != before["admin"]


@pytest.mark.parametrize(
    "leaf", [("status",), ("env",), ("token", "--as", "viewer"), ("logs",)], ids=lambda leaf: leaf[0]
)
def test_json_and_yaml_say_the_same(local, leaf):
    plane = _started(local)
    httpx.get(f"{plane['url']}/v1/version", trust_env=False)
    eventually(lambda: local("local", "logs").stdout)

    in_json, in_yaml = (local("local", *leaf, "-o", form) for form in ("json", "yaml"))

    assert (in_json.code, in_yaml.code) == (0, 0)
    assert in_json.json == yaml.safe_load(in_yaml.stdout)
    assert in_json.json


def test_reset_leaves_what_is_not_the_planes(local, tmp_path):
    (tmp_path / "mine").write_text("kept")
    named = ("--data-dir", str(tmp_path))
    _started(local, *named)
    local.child("local", "stop", *named)

    assert local.child("local", "reset", "--yes", *named).code == 0

    assert [path.name for path in tmp_path.iterdir() if path != local.home] == ["mine"]


KILLED_WHILE_WRITING = """\
import os, pathlib, signal, sys
from plexctl.local import private_files
os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
private_files.create(pathlib.Path(sys.argv[1]), b"secret")
"""


@pytest.mark.parametrize("name", ["root.key", "bearers.json", "state.json"])
def test_reset_removes_the_secrets_that_a_kill_has_left_in_drafts(local, name):
    _default(local).mkdir(parents=True)
    (_default(local) / "lock").touch()
    subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, _default(local) / name], check=False)
    assert len(list(_default(local).iterdir())) == 2

    assert local.child("local", "reset", "--yes").code == 0

    assert not _default(local).exists()


def test_the_data_is_its_owners_alone(local):
    _started(local)
    directory = _default(local)

    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o077 for path in directory.iterdir() if path.stat().st_mode & 0o077} == {}
    assert (directory / "plane.db").exists()


def test_nothing_running_is_said_and_only_a_question_about_it_fails(local):
    stopped = local.child("local", "stop")

    assert stopped.code == 0
    assert stopped.stderr.startswith("plexctl: no plane is running in ")
    for question in ("status", "env", "logs"):
        _failed(local.child("local", question), "local start")
    assert local.child("local", "reset", "--yes").code == 0
    assert not _state(local).exists()


def test_a_second_start_on_the_same_directory_is_refused(local):
    plane = _started(local)

    _failed(local.child("local", "start", *FREE), "already running", str(_default(local)))

    assert local.child("local", "status", "-o", "json").json == plane


@pytest.mark.parametrize("flag", ["--port", "--signer-port"])
def test_a_busy_port_is_refused_and_leaves_nothing_running(local, flag):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        _failed(local.child("local", "start", *FREE, flag, port), f"127.0.0.1:{port}")

    assert local.child("local", "status").code == 1
    _started(local)


def test_two_planes_do_not_share_a_signer_port(local, tmp_path):
    plane = _started(local)
    port = plane["signer_endpoint"].split(":")[1]

    _failed(
        local.child("local", "start", "--port", "0", "--signer-port", port, "--data-dir", str(tmp_path / "other")), port
    )


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
    _default(local).mkdir(parents=True)
    database = _default(local) / "plane.db"
    make(database)
    before = database.read_bytes()

    _failed(local.child("local", "start", *FREE), str(database))

    assert database.read_bytes() == before
    assert not (_default(local) / "root.key").exists()


def test_a_data_directory_that_cannot_be_one_is_refused(local, tmp_path):
    file = tmp_path / "file"
    file.write_text("kept")

    for path in (file, file / "below"):
        _failed(local.child("local", "start", *FREE, "--data-dir", str(path)), str(file))
        _failed(local.child("local", "serve", *FREE, "--data-dir", str(path)), str(file))
    assert file.read_text() == "kept"


def test_an_ephemeral_plane_is_found_and_leaves_nothing(local):
    plane = _started(local, "--ephemeral")

    assert local.child("local", "env", "-o", "json").json["PLEXSPHERE_URL"] == plane["url"]
    assert local.child("local", "status", "-o", "json").json["ephemeral"] is True
    assert local.child("local", "stop").code == 0
    assert not Path(plane["data_dir"]).exists()
    assert local.child("local", "status").code == 1


def test_the_plane_started_last_is_the_one_that_is_meant(local):
    lasting, ephemeral = _started(local), _started(local, "--ephemeral")

    assert local.child("local", "status", "-o", "json").json == ephemeral
    local.child("local", "stop")
    assert local.child("local", "status", "-o", "json").json == lasting


def test_a_killed_plane_is_not_meant(local):
    ephemeral, lasting = _started(local, "--ephemeral"), _started(local)
    os.kill(lasting["pid"], signal.SIGKILL)
    eventually(lambda: not data_directory.is_in_use(_default(local)))

    assert local.child("local", "status", "-o", "json").json == ephemeral


def test_what_a_killed_ephemeral_plane_left_goes_with_the_next(local):
    killed = _started(local, "--ephemeral")
    os.kill(killed["pid"], signal.SIGKILL)
    eventually(lambda: not data_directory.is_in_use(Path(killed["data_dir"])))

    plane = _started(local, "--ephemeral")

    assert not Path(killed["data_dir"]).exists()
    assert Path(plane["data_dir"]).exists()


def test_a_process_id_alone_is_not_believed(local):
    plane = _started(local)
    os.kill(plane["pid"], signal.SIGKILL)
    eventually(lambda: not data_directory.is_in_use(_default(local)))
    state = _default(local) / "state.json"
    state.write_text(json.dumps(plane | {"pid": os.getpid()}))

    assert local.child("local", "status").code == 1
    assert local.child("local", "stop").code == 0  # and this process lives on
    assert _started(local)["pid"] != os.getpid()


@pytest.mark.parametrize("words", ["status", "stop", "env"])
def test_a_damaged_note_of_the_plane_is_one_line(local, words):
    plane = _started(local)
    state = _default(local) / "state.json"
    kept = state.read_text()
    state.write_text("{")

    outcome = local.child("local", words)

    state.write_text(kept)
    assert (outcome.code, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith(f"plexctl: Damaged Plane: {state} does not describe a plane; ")
    assert outcome.stderr.count("\n") == 1
    assert json.loads(local.child("local", "status", "-o", "json").stdout)["pid"] == plane["pid"]


def test_logs_are_json_lines_until_the_plane_stops(local):
    plane = _started(local)
    following = local.start("local", "logs", "--follow")
    httpx.get(f"{plane['url']}/v1/version", headers={"X-Request-Id": "wanted"}, trust_env=False)

    line = json.loads(following.stdout.readline())
    assert (line["request_id"], line["path"], line["status"]) == ("wanted", "/v1/version", 200)
    local.child("local", "stop")
    rest, _ = following.communicate(timeout=10)
    assert (following.returncode, rest) == (0, b"")
    assert local.child("local", "logs", "-o", "json").json["items"] == [line]
    assert local.child("local", "logs", "--follow", "-o", "json").code == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_serve_ends_with_a_signal_once_its_requests_are_done(local, number, code):
    serving = local.start("local", "serve", *FREE)
    serving.stdout.readline()
    url = serving.stdout.readline().split()[0].decode()
    token = local.child("local", "token", "--as", "admin").stdout.strip()
    with half_a_request(url, token) as finish:
        serving.send_signal(number)
        eventually(lambda: not accepts(url.removeprefix("http://")))
        answer = finish()

    serving.communicate(timeout=20)
    assert answer.startswith(b"HTTP/1.1 201")
    assert serving.returncode == code
    assert local.child("local", "status").code == 1


def test_serve_keeps_data_and_log_apart(local):
    serving = local.start("local", "serve", *FREE, "-o", "json")
    document = b""
    while not document.endswith(b"}\n"):
        document += serving.stdout.readline()
    plane = json.loads(document)
    httpx.get(f"{plane['url']}/v1/version", trust_env=False)
    serving.terminate()
    stdout, stderr = serving.communicate(timeout=20)

    introduction, *lines = stderr.decode().splitlines()
    assert stdout == b""
    assert introduction.startswith("plexctl: for development only")
    assert [json.loads(line)["message"] for line in lines] == ["request"]


def test_a_stopped_wait_leaves_no_plane(local):
    starting = local.start("local", "start", *FREE)
    eventually((_default(local) / "lock").exists)
    starting.send_signal(signal.SIGINT)
    starting.communicate(timeout=20)

    if starting.returncode != 0:  # the signal may have come too late
        assert starting.returncode == 130
        eventually(lambda: not data_directory.is_in_use(_default(local)))


def test_without_the_extra_one_line_says_what_to_install(local):
    script = "import sys; sys.modules['uvicorn'] = None; from plexctl.main import entry; entry()"
    for leaf in ("start", "serve", "stop", "status"):
        done = subprocess.run(
            [sys.executable, "-c", script, "local", leaf], env=local.environment, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.count(b"\n") == 1
        assert b"plexctl[local]" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "--port", "65536"),
        ("start", "--signer-port", "-1"),
        ("start", "--overlap-window", "1 day"),
        ("start", "--deployment-profile", "cloud"),
        ("start", "--ephemeral", "--data-dir", "x"),
        ("token", "--as", "root"),
        ("token",),
        ("env", "--shell", "csh"),
    ],
)
def test_a_wrong_flag_is_refused_before_anything_starts(local, arguments):
    done = local("local", *arguments)

    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert not _state(local).exists()


def test_the_settings_reach_the_plane(local):
    plane = _started(
        local, "--overlap-window", "90s", "--deployment-profile", "saas", "--anchor-delay", "1h", "--grant-delay", "1h"
    )
    environment = local.child("local", "env", "-o", "json").json
    domain = local.child("domain", "get", "acme-corp", "-o", "json", **environment).json["id"]

    refused = local.child("signing", "rotate", "--scope", "platform", "--new-key-id", "k2", **environment)
    opened = local.child(
        "signing", "rotate", "--scope", f"domain:{domain}", "--new-key-id", "k2", "-o", "json", **environment
    ).json
    project = local.child(
        "project", "create", "--domain", domain, "--slug", "p", "--display-name", "P", "-o", "json", **environment
    ).json
    denied = local.child("project", "get", project["id"], **environment)

    assert "not permitted in profile" in refused.stderr
    assert plane["ephemeral"] is False
    assert opened["closes_at"] > opened["opened_at"]
    assert denied.code == 77


def test_starts_at_once_on_one_directory_give_one_plane(local):
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(local.child("local", "start", *FREE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome.code for outcome in outcomes) == [0, 1, 1, 1]
    assert all("already running" in outcome.stderr for outcome in outcomes if outcome.code)
