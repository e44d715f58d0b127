"""The lesson for a reader: its pace and its width at a terminal, and the plane that it leaves for going on."""

import re
import shlex

import pytest

from plexctl.commands import local_lesson
from plexctl.local.lesson import render
from plexctl.local.lesson.narrow import narrow
from plexctl.local.lesson.script import Lesson
from plexctl.local.lesson.transcript import Step, TypedCommand
from plexctl.local.plane_error import PlaneError
from tests import command
from tests.terminal import Terminal

PEERS = (
    "NODE_ID                               MESH_IP    FALLBACK  REACHABILITY",
    "01a21359-3018-7484-b42c-aafc0b1c1527  10.50.0.1            healthy",
    "01a21359-318b-7e8a-8428-b93473b66df0  10.50.0.2            healthy",
)
NARROW = [
    "NODE_ID       01a21359-3018-7484-b42c-aafc0b1c1527",
    "MESH_IP       10.50.0.1",
    "FALLBACK",
    "REACHABILITY  healthy",
    "",
    "NODE_ID       01a21359-318b-7e8a-8428-b93473b66df0",
    "MESH_IP       10.50.0.2",
    "FALLBACK",
    "REACHABILITY  healthy",
]
CLEAN_UP = "\n3. Step 3\n   Why.\n\n   $ true\n\n   ✓ it holds\n"


@pytest.fixture
def rests(monkeypatch):
    """The rests that the lesson asked for, none of them taken."""
    asked: list[float] = []
    monkeypatch.setattr(local_lesson, "time", type("Time", (), {"sleep": staticmethod(asked.append)}))
    return asked


@pytest.fixture
def lesson(plexctl, monkeypatch):
    """The lesson with three short steps, the last of which is the clean-up, and with a real plane."""
    steps = [Step(f"Step {number}", "Why.", (TypedCommand("true", ""),), ("it holds",)) for number in (1, 2, 3)]
    monkeypatch.setattr(Lesson, "steps", lambda self: iter(steps if self.clean_up else steps[:2]))
    return plexctl


def test_there_is_a_rest_between_two_items_only(rests):
    assert list(local_lesson.with_rests("abc", 0.5)) == ["a", "b", "c"]
    assert rests == [0.5, 0.5]


def test_at_a_terminal_the_lesson_rests_between_its_steps(lesson, rests, monkeypatch):
    monkeypatch.setattr(command._Stream, "isatty", lambda _: True)
    assert lesson("local lesson --pace 1m30s").code == 0
    assert rests == [90.0, 90.0]


@pytest.mark.parametrize("output", ["text", "json", "yaml"])
def test_in_a_pipe_the_lesson_never_rests_and_prints_the_same(lesson, rests, output):
    paced = lesson(f"local lesson --pace 2m -o {output}")
    assert paced == lesson(f"local lesson -o {output}")
    assert rests == []


@pytest.mark.parametrize(("pace", "complaint"), [("2m1s", "is longer than 2m"), ("soon", "is not a duration")])
def test_a_pace_that_the_lessons_nodes_would_not_survive_is_refused(plexctl, pace, complaint):
    outcome = plexctl(f"local lesson --pace {pace}")
    assert outcome.code == 2
    assert f"--pace: '{pace}' {complaint}" in outcome.stderr


def test_a_table_that_fits_stays_as_it_is():
    assert narrow(PEERS, max(map(len, PEERS))) == PEERS


def test_a_table_that_does_not_fit_has_a_line_per_cell():
    assert narrow(PEERS, max(map(len, PEERS)) - 1) == NARROW


def test_a_cell_that_does_not_fit_either_goes_on_below_itself():
    assert narrow(PEERS[:2], 38)[:3] == [
        "NODE_ID       01a21359-3018-7484-b42c-",
        "              aafc0b1c1527",
        "MESH_IP       10.50.0.1",
    ]


@pytest.mark.parametrize(
    "lines", [["plexctl: Not Found: there is no such thing at all"], ['{"kid":  "psk"}'], ["NAME"]]
)
def test_what_is_no_table_or_has_no_row_stays_as_it_is(lines):
    assert list(narrow(lines, 40)) == lines


@pytest.mark.parametrize("columns", [40, 64, 80, 120])
def test_no_table_is_wider_than_the_window(replayed, columns):
    shown = Terminal(replayed)("local lesson --no-color", on="stdout", columns=columns).terminal
    rows = re.findall(r"^   (?:[A-Z][A-Z_]+  |[0-9a-f]{8}-|domain:).*$", shown, re.MULTILINE)
    assert rows
    assert [row for row in rows if len(row) > columns] == []
    assert "every promise was kept." in " ".join(shown.split())


def test_in_a_pipe_a_step_has_no_width():
    step = Step("Title", "Why.", (TypedCommand("plexctl peer list", "\n".join(PEERS)),), ())
    assert "".join(f"   {line}\n" for line in PEERS) in "".join(text for _, text in render.step(1, step))


def test_a_kept_plane_can_be_reached_and_stopped_as_the_lesson_says(lesson):
    kept = lesson("local lesson --keep")
    printed = lesson("local lesson").stdout
    assert kept.stdout.partition("1. Step")[2] == printed.partition("1. Step")[2].replace(CLEAN_UP, "")
    assert "keeps running after it" in " ".join(kept.stdout.split())
    assert "which ends with it" in " ".join(printed.split())
    reach, stop = kept.stderr.splitlines()
    assert reach == 'plexctl: for development only; to use it: eval "$(plexctl local env)"'
    assert stop == (
        "plexctl: the plane of the lesson keeps running; to stop it and remove its data: plexctl local stop"
    )
    plane = lesson("local status -o json").json
    environment = lesson("local env -o json").json
    assert environment["PLEXSPHERE_URL"] == plane["url"]
    assert lesson("domain list", **environment).code == 0
    assert lesson("local stop").code == 0
    assert lesson("local status").code == 1


def test_beside_another_plane_a_kept_one_is_named(lesson):
    assert lesson("local start --ephemeral --port 0 --signer-port 0").code == 0
    first = lesson("local status -o json").json["data_dir"]
    kept = lesson("local lesson --keep -o json")
    assert kept.json["summary"]
    stop = kept.stderr.splitlines()[-1].partition("data: plexctl ")[2]
    assert shlex.split(stop)[2] == "--data-dir"
    assert lesson(stop).code == 0
    assert lesson("local status -o json").json["data_dir"] == first
    assert lesson("local stop").code == 0


@pytest.mark.parametrize(
    ("problem", "code"), [(PlaneError("Broken Promise", "it does not hold"), 1), (KeyboardInterrupt(), 130)]
)
def test_a_lesson_that_ends_early_keeps_no_plane(plexctl, monkeypatch, problem, code):
    def steps(_):
        raise problem

    monkeypatch.setattr(Lesson, "steps", steps)
    assert plexctl("local lesson --keep").code == code
    assert "no plane is running" in plexctl("local status").stderr
