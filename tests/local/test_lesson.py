"""The lesson as a person runs it: whole, stopped at a broken promise, and interrupted."""

import json
import os
import re
import runpy
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from plexctl.local.control.tenancy import addresses
from plexctl.local.lesson import render, script
from plexctl.local.lesson.operator import Operator
from plexctl.local.lesson.script import SUMMARY
from plexctl.local.lesson.transcript import Step, TypedCommand, promise
from plexctl.local.plane_error import PlaneError
from tests.command import CHILD, Command
from tests.pages import ROOT, Shapes
from tests.shell import Shell
from tests.terminal import Terminal
from tests.test_docs_shell import require_tools
from tests.waiting import PATIENCE_SECONDS, eventually

STEPS = 11

TITLE, COMMAND, OUTPUT, REFUSAL, PROMISE, PROSE = "1;36", "1", "2", "33", "32", None
STYLED_LINE = re.compile(r"\x1b\[(?P<style>[0-9;]+)m(?P<text>[^\x1b]*)\x1b\[0m|(?P<plain>[^\x1b]*)")


@pytest.fixture
def temporary(tmp_path: Path, plexctl: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory that temporary files go to, for the lesson and for a lesson in this process."""
    directory = tmp_path / "tmp"
    directory.mkdir()
    plexctl.environment["TMPDIR"] = str(directory)
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    yield directory
    assert list(directory.iterdir()) == []  # nothing is kept, however the lesson ends


@pytest.fixture(scope="session")
def printed(replayed: Command) -> str:
    """The lesson as it is printed into a pipe."""
    done = replayed.child("local lesson")
    assert (done.code, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="session")
def coloured(replayed: Command) -> list[dict[str, str | None]]:
    """The lines of the lesson on a wide terminal, each in one style or in none."""
    lines = Terminal(replayed)("local lesson", on="stdout", columns=200).terminal.splitlines()
    found = [STYLED_LINE.fullmatch(line) for line in lines]
    return [{"style": line["style"], "text": line["text"] or line["plain"] or ""} for line in found if line]


def test_every_step_is_shown_with_what_was_typed_and_promised(printed):
    for number in range(1, STEPS + 1):
        assert f"\n{number}. " in printed
    assert '   $ plexctl peer list --domain "$DOMAIN_ID"\n   NODE_ID ' in printed
    assert "   ✓ it has the lowest free address\n" in printed
    assert printed.endswith("every promise was kept.\n")
    assert "\x1b" not in printed


def test_the_transcript_is_data_in_json(steps):
    assert len(steps) == STEPS
    assert all(step["commands"] and step["promises"] for step in steps)
    refused = [typed for step in steps for typed in step["commands"] if typed["exit_code"]]
    assert [typed["exit_code"] for typed in refused] == [22, 1, 1]
    assert refused[0]["output"] == "curl: (22) The requested URL returned error: 403"
    assert all("signing: rotation in progress" in typed["output"] for typed in refused[1:])


def test_in_json_a_terminal_shows_the_step_in_hand(played, steps):
    assert played.terminal == "".join(f"\r\x1b[K{step['title']}" for step in steps) + "\r\x1b[K"


@pytest.mark.parametrize(
    ("style", "part"),
    [
        (TITLE, r"\d+\. .*"),
        (COMMAND, r"   \$ .*"),
        (OUTPUT, r"   NODE_ID .*"),
        (REFUSAL, r"   \(exit code \d+\)"),
        (PROMISE, r"   ✓ .*"),
        (PROSE, r"   A machine joins .*"),
    ],
)
def test_on_a_terminal_each_part_has_its_style(coloured, style, part):
    styles = {line["style"] for line in coloured if re.fullmatch(part, line["text"])}
    assert styles == {style}


def test_on_a_terminal_nothing_is_added_but_styles(coloured, printed):
    assert Shapes()("\n".join(line["text"] for line in coloured)) == Shapes()(printed)
    assert {line["style"] for line in coloured} == {TITLE, COMMAND, OUTPUT, REFUSAL, PROMISE, PROSE}


def test_the_picture_in_the_readme_shows_what_the_lesson_prints(played):
    draw = runpy.run_path(str(ROOT / "docs" / "lesson_picture.py"))["picture"]
    picture = (ROOT / "docs" / "lesson.svg").read_text(encoding="utf-8")
    assert Shapes()(draw(json.loads(played.pipes))) == Shapes()(picture), "run docs/lesson_picture.py"
    assert "](docs/lesson.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_is_one_that_a_browser_shows():
    picture = ET.parse(ROOT / "docs" / "lesson.svg").getroot()
    width, height = (int(picture.attrib[name]) for name in ("width", "height"))
    texts = [element for element in picture.iter() if element.tag.endswith("}text")]
    assert len(texts) > 30
    for text in texts:
        assert float(text.attrib["x"]) + float(text.attrib["textLength"]) < width
        assert 0 < int(text.attrib["y"]) < height
    assert not re.search(r"https?:(?!//www.w3.org/2000/svg)|@import|<script|<image", ET.tostring(picture, "unicode"))


def test_typed_in_a_shell_every_command_answers_as_shown(steps, tmp_path):
    require_tools("curl jq openssl python3 wg")
    shown, found = Shapes(), Shapes()
    with Shell(tmp_path) as shell:
        shell.type('plexctl local start && eval "$(plexctl local env)"')
        for typed in (typed for step in steps for typed in step["commands"]):
            answered = shell.type(typed["command"])
            expected = (shown(typed["output"]), typed["exit_code"])
            assert (found(answered.output), answered.status) == expected, typed["command"]


def test_what_is_not_output_fits_a_terminal_of_80_columns(steps):
    for step in steps:
        commands = tuple(TypedCommand(typed["command"], "") for typed in step["commands"])
        read = render.step(10, Step(step["title"], step["explanation"], commands, tuple(step["promises"])))
        lines = "".join(text for _, text in (*render.opening(), *read, *render.closing(SUMMARY))).splitlines()
        assert [line for line in lines if len(line) > 80] == []


@pytest.mark.usefixtures("temporary")
def test_a_broken_promise_ends_it(plexctl, monkeypatch):
    lowest = addresses.allocate
    monkeypatch.setattr(addresses, "allocate", lambda *where: lowest(*where) + 1)
    outcome = plexctl("local lesson")
    assert outcome.code == 1
    assert outcome.stderr == (
        "plexctl: Broken Promise: it has the lowest free address: expected '10.50.0.1', found '10.50.0.2'\n"
    )
    assert "Enrol the first Node" not in outcome.stdout


def test_a_command_that_ends_otherwise_than_promised_ends_it(plexctl):
    with pytest.raises(
        PlaneError, match=r"plexctl pere: expected exit code 0, found 2: plexctl: 'pere' is not a command"
    ):
        Operator(plexctl.environment).run("plexctl pere")


def test_what_follows_a_moment_later_is_waited_for():
    seen = iter([0, 1, 2, 3])
    assert script._eventually(lambda: next(seen), lambda found: found == 2) == 2


def test_a_promise_that_does_not_hold_says_what_came():
    assert promise("two is two", 2, 2) == "two is two"
    with pytest.raises(PlaneError, match="two is two: expected 2, found 3"):
        promise("two is two", 2, 3)


@pytest.mark.usefixtures("temporary")
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
    eventually(lambda: not group_is_alive(child.pid))


def group_is_alive(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True
