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

    variables = run.environment.variables
    if not keep:
        with play.lesson(variables) as lesson:
            _show(run, lesson, pace_ns, keep=False)
        return
    from plexctl.local import ephemeral

    with play.kept_lesson(variables, ephemeral.new(run.environment.local_plane_directory)) as (lesson, plane):
        _show(run, lesson, pace_ns, keep=True)
    local_options.print_next_step(run, plane)
    stop = f"plexctl local stop{local_options.naming(run, plane)}"
    run.note(f"the plane of the lesson keeps running; to stop it and remove its data: {stop}")


def _show(run: Invocation, lesson: "Lesson", pace_ns: int, *, keep: bool) -> None:
    """Play the lesson, and show it in the format of the run."""
    from plexctl.local.lesson import render, script, transcript

    if run.settings.output != "text":
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
