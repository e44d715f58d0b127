"""The lesson as a person runs it: whole, stopped at a broken promise, and interrupted."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexctl.local.control.tenancy import addresses
from plexctl.local.lesson import render
from plexctl.local.lesson.script import SUMMARY
from plexctl.local.lesson.transcript import Step, TypedCommand, promise
from plexctl.local.plane_error import PlaneError
from tests.command import CHILD, Command
from tests.pages import Shapes
from tests.shell import Shell
from tests.test_docs_shell import require_tools
from tests.waiting import PATIENCE_SECONDS

STEPS = 10

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def temporary(tmp_path: Path, plexctl: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory that temporary files go to, for the lesson and for a lesson in this process."""
    directory = tmp_path / "tmp"
    directory.mkdir()
    plexctl.environment["TMPDIR"] = str(directory)
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    yield directory
    assert list(directory.iterdir()) == []  # nothing is kept, however the lesson ends


def test_every_step_is_shown_with_what_was_typed_and_promised(plexctl):
    outcome = plexctl.child("local lesson")
    assert (outcome.code, outcome.stderr) == (0, "")
    for number in range(1, STEPS + 1):
        assert f"\n{number}. " in outcome.stdout
    assert '   $ plexctl peer list --domain "$DOMAIN_ID"\n   NODE_ID ' in outcome.stdout
    assert "   ✓ it has the lowest free address\n" in outcome.stdout
    assert outcome.stdout.endswith("every promise was kept.\n")
    assert "\x1b" not in outcome.stdout


def test_the_transcript_is_data_in_json(plexctl):
    transcript = plexctl.child("local lesson -o json").json
    assert len(transcript["steps"]) == STEPS
    assert all(step["commands"] and step["promises"] for step in transcript["steps"])
    refused = [typed for step in transcript["steps"] for typed in step["commands"] if typed["exit_code"]]
    assert [typed["exit_code"] for typed in refused] == [22, 1, 1]
    assert refused[0]["output"] == "curl: (22) The requested URL returned error: 403"
    assert all("signing: rotation in progress" in typed["output"] for typed in refused[1:])


def test_typed_in_a_shell_every_command_answers_as_shown(plexctl, tmp_path):
    require_tools("curl jq openssl python3 wg")
    steps = plexctl.child("local lesson -o json").json["steps"]
    shown, found = Shapes(), Shapes()
    with Shell(tmp_path) as shell:
        shell.type('plexctl local start && eval "$(plexctl local env)"')
        for typed in (typed for step in steps for typed in step["commands"]):
            answered = shell.type(typed["command"])
            expected = (shown(typed["output"]), typed["exit_code"])
            assert (found(answered.output), answered.status) == expected, typed["command"]


def test_what_is_not_output_fits_a_terminal_of_80_columns(plexctl):
    for step in plexctl.child("local lesson -o json").json["steps"]:
        commands = tuple(TypedCommand(typed["command"], "") for typed in step["commands"])
        read = render.step(10, Step(step["title"], step["explanation"], commands, tuple(step["promises"])))
        lines = "".join(text for _, text in (*render.opening(), *read, *render.closing(SUMMARY))).splitlines()
        assert [line for line in lines if len(line) > 80] == []


def test_what_lies_in_the_directory_plays_no_part(plexctl, tmp_path):
    for module in ("plexctl", "secrets"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('the wrong module')\n")
    command = [sys.executable, "-P", "-m", "plexctl", "local", "lesson"]
    done = subprocess.run(command, cwd=tmp_path, env=plexctl.environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_promise_ends_it(plexctl, monkeypatch):
    lowest = addresses.allocate
    monkeypatch.setattr(addresses, "allocate", lambda *where: lowest(*where) + 1)
    outcome = plexctl("local lesson")
    assert outcome.code == 1
    assert outcome.stderr == (
        "plexctl: Broken Promise: it has the lowest free address: expected '10.50.0.1', found '10.50.0.2'\n"
    )
    assert "Enrol the first Node" not in outcome.stdout


def test_a_promise_that_does_not_hold_says_what_came():
    assert promise("two is two", 2, 2) == "two is two"
    with pytest.raises(PlaneError, match="two is two: expected 2, found 3"):
        promise("two is two", 2, 3)


def test_settings_of_the_person_at_the_keyboard_play_no_part(plexctl):
    plexctl.configure({"profiles": {"default": {"server": "http://127.0.0.1:1", "token": "other"}}})
    assert plexctl.child("local lesson", PLEXSPHERE_URL="http://127.0.0.1:1", PLEXSPHERE_OUTPUT="text").code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_nothing_running(plexctl, number, code):
    child = subprocess.Popen(
        [*CHILD, "local", "lesson"],
        env=plexctl.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with child:
        assert child.stdout
        while b"2. Issue" not in child.stdout.readline():
            assert child.poll() is None
        os.killpg(child.pid, number)
        _, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == code
    assert stderr.decode().splitlines()[-1].startswith("plexctl: ")
    with pytest.raises(ProcessLookupError):  # nobody of its group is left
        os.killpg(child.pid, 0)
