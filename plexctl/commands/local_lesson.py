"""Playing the lesson: at a terminal with a pace and no wider than the window, in a pipe always the same."""

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from plexctl import grammar, values
from plexctl.commands import local_options
from plexctl.invocation import Invocation

if TYPE_CHECKING:
    from plexctl.local.lesson.script import Lesson
    from plexctl.local.lesson.transcript import Step
    from plexctl.local.running import Running

_LONGEST_PACE = "2m"  # the lesson's Nodes send no heartbeat, and must not become stale before it reads their mesh

Item = TypeVar("Item")


def _pace(text: str) -> int:
    """Read a duration, in nanoseconds."""
    nanoseconds = grammar.duration(text)
    if nanoseconds > grammar.duration(_LONGEST_PACE):
        raise ValueError(f"is longer than {_LONGEST_PACE}")
    return nanoseconds


PACE = values.Value("DURATION", _pace)


def play(run: Invocation, pace_ns: int, *, keep: bool) -> None:
    """Play the lesson and show it; the rests of `pace_ns` nanoseconds are for a reader at a terminal only."""
    from plexctl.local.lesson import play

    if keep:
        _play_and_keep(run, pace_ns)
        return
    with play.lesson(run.environment.variables) as lesson:
        _show(run, lesson, pace_ns, keep=False)


def _play_and_keep(run: Invocation, pace_ns: int) -> None:
    """Play the lesson on a plane in the background, which stays unless the lesson fails."""
    from plexctl.local import ephemeral, process
    from plexctl.local.lesson import play
    from plexctl.local.running import Launch

    def announce(plane: "Running") -> None:
        with play.lesson_on(plane, run.environment.variables) as lesson:
            _show(run, lesson, pace_ns, keep=True)
        local_options.print_next_step(run, plane)
        stop = f"plexctl local stop{local_options.naming(run, plane)}"
        run.note(f"the plane of the lesson keeps running; to stop it and remove its data: {stop}")
        local_options.ignore_signals()  # the run has succeeded: one that came now would deny the plane that stays

    directory = ephemeral.new(run.environment.local_plane_directory)
    process.start(Launch(str(directory), 0, 0, {}, ephemeral=True), announce)


def _show(run: Invocation, lesson: "Lesson", pace_ns: int, *, keep: bool) -> None:
    """Play the lesson, and show it in the format of the run."""
    from plexctl.local.lesson import render, script, transcript

    if not run.in_text:
        run.show_document(transcript.as_document(list(_with_progress(run, lesson.steps())), script.SUMMARY))
        return
    columns = run.terminal_columns
    steps = lesson.steps() if columns is None else with_rests(lesson.steps(), pace_ns / 1e9)
    run.show_prose(render.opening(keep=keep))
    for number, step in enumerate(steps, 1):
        run.show_prose(render.step(number, step, columns))
    run.show_prose(render.closing(script.SUMMARY))


def _with_progress(run: Invocation, steps: "Iterable[Step]") -> "Iterator[Step]":
    for step in steps:
        run.progress(step.title)
        yield step


def with_rests(items: Iterable[Item], seconds: float) -> Iterator[Item]:
    """Yield the items, with a rest between two of them."""
    for number, item in enumerate(items):
        if number:
            time.sleep(seconds)
        yield item
