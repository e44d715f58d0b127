"""The text of the lesson, in pieces that each name their style, for a terminal and a pipe alike."""

import textwrap
from collections.abc import Iterator

from plexctl.local.lesson.narrow import narrow
from plexctl.local.lesson.transcript import Step, TypedCommand

_WIDTH = 79  # of titles and explanations, in columns; a command and its output are not wrapped
_INDENT = "   "

Piece = tuple[str, str]  # its style (title, prose, command, output, promise, refusal) and its lines


def opening(*, keep: bool = False) -> Iterator[Piece]:
    """Write the title and the introduction of the lesson; `keep` says that its plane outlives it."""
    end = "keeps running after it" if keep else "ends with it"
    yield "title", "Enrol your first Node\n"
    yield (
        "prose",
        _prose(
            f"The lesson plays against a local plexsphere of its own, which {end}. What follows a $ is what you "
            "would type; a Node's own calls are made in process, so neither wg nor curl is needed here."
        ),
    )


def step(number: int, content: Step, columns: int | None = None) -> Iterator[Piece]:
    """Write one step: its explanation, its commands with their output, and the promises that held.

    A table is made no wider than a window of `columns`, if that is given.
    """
    yield "title", f"\n{number}. {content.title}\n"
    yield "prose", _prose(content.explanation) + "\n"
    for command in content.commands:
        yield from _command(command, columns)
    yield "promise", "\n" + "".join(f"{_INDENT}✓ {promise}\n" for promise in content.promises)


def closing(summary: str) -> Iterator[Piece]:
    """Write the last lines of the lesson."""
    yield "title", f"\n{textwrap.fill(summary, _WIDTH)}\n"


def _command(typed: TypedCommand, columns: int | None) -> Iterator[Piece]:
    first, *rest = typed.command.splitlines()
    yield "command", "".join([f"{_INDENT}$ {first}\n", *(f"{_INDENT}  {line}\n" for line in rest)])
    if typed.output:
        lines = typed.output.splitlines()
        shown = lines if columns is None else narrow(lines, columns - len(_INDENT))
        yield "output", "".join(f"{_INDENT}{line}\n" for line in shown)
    if typed.exit_code:
        yield "refusal", f"{_INDENT}(exit code {typed.exit_code})\n"


def _prose(text: str) -> str:
    return textwrap.indent(textwrap.fill(text, _WIDTH - len(_INDENT)), _INDENT) + "\n"
