"""The local family through real processes: started, found, served, stopped."""

import json
import os
import shlex
import signal
from datetime import datetime, timedelta

import httpx
import pytest

from tests.command import CHILD
from tests.local.processes import (
    FREE,
    default_directory,
    failed,
    in_shell,
    is_alive,
    private_directory,
    started,
    state_home,
    write_private,
)
from tests.plane import accepts, half_a_request
from tests.stalls import site
from tests.tables import table
from tests.waiting import PATIENCE_SECONDS, eventually


def test_both_doors_answer_when_start_returns_and_neither_after_stop(local):
    plane = local.child(f"local start {FREE} -o json").json

    assert httpx.get(f"{plane['url']}/v1/health", trust_env=False).json()["status"] == "ok"
    assert accepts(plane["signer_endpoint"])
    assert local.child("local status -o json").json == plane
    assert os.getsid(plane["pid"]) == plane["pid"]  # a Ctrl-C in this terminal is none of its business

    stopped = local.child("local stop")
    assert (stopped.code, stopped.stdout) == (0, "")
    assert stopped.stderr == f"plexctl: stopped the plane in {default_directory(local)}\n"
    eventually(lambda: not accepts(plane["url"].removeprefix("http://")))
    eventually(lambda: not accepts(plane["signer_endpoint"]))
    assert not (default_directory(local) / "state.json").exists()


def test_start_says_once_that_it_is_for_development(local):
    done = local(f"local start {FREE}")

    assert done.stderr == 'plexctl: for development only; to use it: eval "$(plexctl local env)"\n'
    (row,) = table(done.stdout)
    assert list(row) == ["URL", "SIGNER_ENDPOINT", "PID", "STARTED_AT", "DATA_DIR"]
    assert row["DATA_DIR"] == str(default_directory(local))


def test_start_holds_no_stream_of_its_caller(local):
    script = f"x=$({shlex.join(CHILD)} local start {FREE} 2>&1); echo ended"

    done = in_shell(local, script)

    assert done == "ended\n"


def test_nothing_running_is_said_and_only_a_question_about_it_fails(local):
    stopped = local("local stop")

    assert stopped.code == 0
    assert stopped.stderr.startswith("plexctl: no plane is running in ")
    for question in ("status", "env", "logs"):
        failed(local(f"local {question}"), "'plexctl local start'")
    assert local("local reset --yes").code == 0
    assert not state_home(local).exists()


@pytest.mark.parametrize("question", ["status", "env", "token", "logs"])
def test_an_advice_names_the_directory_that_was_given(local, tmp_path, question):
    outcome = local(f"local {question} --data-dir", tmp_path / "no where")
    failed(outcome, f"run 'plexctl local start --data-dir '{tmp_path}/no where''")


def test_the_advice_of_a_child_names_the_directory_that_was_given(local, tmp_path):
    write_private(private_directory(local) / "root.key", b"short")
    directory = default_directory(local).rename(tmp_path / "other")
    outcome = local(f"local start {FREE} --data-dir", directory)
    failed(outcome, f"run 'plexctl local reset --data-dir {directory} --yes'")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_serve_ends_with_a_signal_once_its_requests_are_done(local, number, code):
    serving = local.start(f"local serve {FREE}")
    header, row = serving.stdout.readline(), serving.stdout.readline()
    url = table((header + row).decode())[0]["URL"]
    token = local("local token --as admin").stdout.strip()
    with half_a_request(url, token) as finish:
        serving.send_signal(number)
        eventually(lambda: not accepts(url.removeprefix("http://")))
        answer = finish()

    serving.communicate(timeout=PATIENCE_SECONDS)
    assert answer.startswith(b"HTTP/1.1 201")
    assert serving.returncode == code
    assert local("local status").code == 1


def test_serve_keeps_data_and_log_apart(local):
    serving = local.start(f"local serve {FREE} -o json")
    document = b""
    while not document.endswith(b"}\n"):
        line = serving.stdout.readline()
        assert line
        document += line
    plane = json.loads(document)
    httpx.get(f"{plane['url']}/v1/version", trust_env=False)
    failed(local("local logs"), "plexctl: No Log: ", "runs in the foreground, and logs to stderr")
    serving.terminate()
    stdout, stderr = serving.communicate(timeout=PATIENCE_SECONDS)
    failed(local("local logs"), "plexctl: No Log: no plane has run in the background in ")

    introduction, *lines = stderr.decode().splitlines()
    assert stdout == b""
    assert introduction.startswith("plexctl: for development only")
    assert [json.loads(line)["message"] for line in lines] == ["request"]


# Loaded by every child interpreter: the plane's own tells its process id, and goes no further.
STALLED_PLANE = """
import os, sys, threading
started = os.path.join(os.path.dirname(__file__), "started")
if "plexctl.local" in " ".join(sys.orig_argv):
    with open(started + ".draft", "w") as file:
        file.write(str(os.getpid()))
    os.rename(file.name, started)
    threading.Event().wait()
"""


def test_a_stopped_wait_leaves_no_plane(local, tmp_path):
    note = tmp_path / "site" / "started"
    with local.start(f"local start {FREE}", **site(tmp_path / "site", STALLED_PLANE)) as starting:
        eventually(lambda: note.exists() or starting.poll() is not None)
        starting.send_signal(signal.SIGINT)
        starting.communicate(timeout=PATIENCE_SECONDS)

    assert starting.returncode == 130
    assert not is_alive(int(note.read_text()))


def test_the_settings_reach_the_plane(local):
    plane = started(local, "--overlap-window 90s --deployment-profile saas --anchor-delay 1h --grant-delay 1h")
    environment = local("local env -o json").json
    domain = local("domain get acme-corp -o json", **environment).json["id"]

    refused = local("signing rotate --scope platform --new-key-id k2", **environment)
    opened = local(f"signing rotate --scope domain:{domain} --new-key-id k2 -o json", **environment).json
    project = local(f"project create --domain {domain} --slug p --display-name P -o json", **environment).json
    denied = local("project get", project["id"], **environment)

    assert "not permitted in profile" in refused.stderr
    assert plane["ephemeral"] is False
    opened_at, closes_at = (datetime.fromisoformat(opened[name]) for name in ("opened_at", "closes_at"))
    assert closes_at - opened_at == timedelta(seconds=90)
    assert denied.code == 77
