"""local run: a command has a plane of its own, and the plane is gone however the command or plexctl ends."""

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import CHILD
from tests.local.processes import FREE, default_directory, is_alive, started, state_home
from tests.terminal import read_terminal
from tests.waiting import PATIENCE_SECONDS, eventually

NAMES = ("PLEXSPHERE_URL", "PLEXSPHERE_TOKEN", "PLEXSPHERE_SIGNER_ENDPOINT", "PLEXCTL_LOCAL_DATA_DIR")
PLEXCTL = shlex.join(CHILD)
COUNTS_INTERRUPTS = """
import os, signal, sys
seen = []
signal.signal(signal.SIGINT, lambda *_: (seen.append(1), os.write(1, b"caught")))
print("ready", flush=True)
sys.stdin.readline()
print("after", len(seen))
sys.exit(4)
"""
IN_FOREGROUND = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


@pytest.fixture
def run(local):
    """Run a script of sh by `local run`."""
    return lambda script, **environment: local.child("local run -- sh -c", script, **environment)


def planes(local) -> list[Path]:
    return list((state_home(local) / "local-ephemeral").glob("*"))


def test_the_command_alone_has_the_variables_of_a_plane_that_is_gone_afterwards(local, run):
    done = run(f"{PLEXCTL} domain list -o json && {PLEXCTL} local status -o json && env")
    assert done.code == 0, done.stderr
    decoder = json.JSONDecoder()
    domains, end = decoder.raw_decode(done.stdout)
    plane, _ = decoder.raw_decode(done.stdout[end + 1 :])
    variables = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("PLEX"))
    assert len(domains["items"]) == 3
    assert [variables[name] for name in NAMES if "TOKEN" not in name] == [
        plane["url"],
        plane["signer_endpoint"],
        plane["data_dir"],
    ]
    assert plane["ephemeral"]
    eventually(lambda: gone(local, plane))


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_the_exit_code_is_the_commands(local, run, script, code):
    done = run(script)
    assert (done.code, done.stdout, done.stderr) == (code, "", "")
    assert planes(local) == []


def test_what_stands_behind_the_dashes_is_the_commands_alone(local):
    done = local.child("local run -o json -- sh -c 'echo \"$@\"' sh -o yaml --yes --version -- -h")
    assert (done.code, done.stdout) == (0, "-o yaml --yes --version -- -h\n")
    done = local.child("local run -- nonesuch -o json")
    assert done.code == 2
    assert done.stderr.startswith("plexctl: local run: COMMAND: 'nonesuch' cannot be run: No such file or directory")
    assert planes(local) == []


def test_a_command_line_without_a_command_is_refused_before_anything_starts(local):
    assert local.child("local run --").code == 2
    assert not state_home(local).exists()


def test_settings_for_another_plane_stay_behind(run):
    others = {"PLEXSPHERE_PROFILE": "none", "PLEXSPHERE_SIGNER_TLS": "true", "PLEXSPHERE_CA_FILE": "/nowhere"}
    done = run(
        f"{PLEXCTL} domain list >/dev/null && {PLEXCTL} signing rotate --scope platform --new-key-id k2", **others
    )
    assert done.code == 0, done.stderr


def test_another_plane_that_runs_already_is_left_alone(local, run):
    other = started(local)
    done = run(f"{PLEXCTL} local stop && {PLEXCTL} project list")
    assert done.code == 1  # its own plane has stopped
    assert local.child("local status -o json").json == other


def test_two_at_once_have_planes_of_their_own(local):
    both = [
        local.start(f"local run -- sh -c {shlex.quote('echo $PLEXSPHERE_URL; cat')}", stdin=subprocess.PIPE)
        for _ in "12"
    ]
    urls = {child.stdout.readline() for child in both}
    for child in both:
        assert child.communicate(timeout=PATIENCE_SECONDS) == (b"", b"")
        assert child.returncode == 0
    assert len(urls) == 2


def test_the_options_of_a_plane_are_taken(local):
    line = f"local run --deployment-profile saas -- {PLEXCTL} signing rotate --scope platform --new-key-id k2"
    assert "SaaS deployments require per-Domain keys" in local.child(line).stderr


@pytest.fixture
def waiting(local):
    """A `local run` whose command waits, and the plane's process."""
    script = f'{PLEXCTL} local status -o json | tr -d "\\n"; echo; exec cat'
    with local.start("local run -- sh -c", script, stdin=subprocess.PIPE) as child:
        yield child, json.loads(child.stdout.readline())
        child.kill()


def gone(local, plane) -> bool:
    return not is_alive(plane["pid"]) and planes(local) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_on_and_ends_the_plane_with_the_command(local, waiting, number):
    child, plane = waiting
    child.send_signal(number)
    assert child.wait(PATIENCE_SECONDS) == 128 + number
    eventually(lambda: gone(local, plane))


def test_a_command_that_ends_well_on_a_signal_decides_the_exit_code(local):
    script = "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.01; done"
    child = local.start("local run -- sh -c", script)
    assert child.stdout.readline() == b"ready\n"
    child.send_signal(signal.SIGTERM)
    assert child.communicate(timeout=PATIENCE_SECONDS) == (b"caught\n", b"")
    assert child.returncode == 3
    assert planes(local) == []


def test_a_plane_does_not_outlive_a_plexctl_that_is_killed(local, waiting):
    child, plane = waiting
    child.kill()
    eventually(lambda: gone(local, plane))


def test_a_plane_that_is_killed_leaves_nothing(local, waiting):
    child, plane = waiting
    os.kill(plane["pid"], signal.SIGKILL)
    eventually(lambda: not is_alive(plane["pid"]))
    child.stdin.close()
    assert child.wait(PATIENCE_SECONDS) == 0
    eventually(lambda: gone(local, plane))


def test_ctrl_c_at_a_terminal_reaches_the_command_once(local):
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", IN_FOREGROUND, *CHILD, "local", "run", "--", sys.executable, "-c", COUNTS_INTERRUPTS],
        env=local.environment, stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    for typed, shown in ((b"", b"ready"), (b"\x03", b"caught"), (b"\n", b"after 1")):
        os.write(leader, typed)
        _expect(leader, shown)
    assert child.wait(PATIENCE_SECONDS) == 4
    os.close(leader)
    assert planes(local) == []


def _expect(leader: int, wanted: bytes) -> None:
    shown = b""
    while wanted not in shown:
        assert select.select([leader], [], [], PATIENCE_SECONDS)[0], shown
        piece = read_terminal(leader)
        assert piece, shown
        shown += piece


def test_a_start_with_the_same_options_shows_the_plane_that_runs(local):
    plane = started(local)
    again = local.child(f"local start {FREE} -o json")
    assert (again.code, again.json) == (0, plane)
    assert f"a plane was already running in {default_directory(local)}" in again.stderr
    other = local.child(f"local start {FREE} --anchor-delay 1s")
    assert (other.code, other.stdout) == (1, "")
    assert "with other options" in other.stderr
