"""The live view of --watch on a terminal, drawn by rich on a screen of its own; in the end the last table remains."""

import os
import sys
from datetime import UTC, datetime
from io import StringIO
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Self

import click
from rich.console import Console, ConsoleDimensions
from rich.screen import Screen
from rich.text import Text

from plexctl.grammar import spell_seconds
from plexctl.streams import Recording, write_stdout
from plexctl.terminal_signals import TerminalSignals

if TYPE_CHECKING:
    from plexctl.failures import Failure
    from plexctl.invocation import Invocation

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?1049l\x1b[?25h"  # a screen of its own, without a cursor
_HOME = "\x1b[H"
_LONGEST_TITLE = 500  # characters
_AROUND_THE_TABLE = 2  # lines besides the title's: an empty one, and how many rows are left out


class LiveView:
    """A view of the whole window, in which each look replaces the one before."""

    def __init__(self, run: "Invocation", interval_seconds: float) -> None:
        self._run = run
        self._title = f"{click.get_current_context().command_path}, every {spell_seconds(interval_seconds)}"
        self._shown = Recording()
        self._status = ""
        self._console = Console(file=StringIO(), force_terminal=True, color_system="standard", highlight=False)
        self._console.size = _window()
        self._is_entered = False
        self._signals = TerminalSignals(self._leave, self._come_back)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._signals.held():
            self._leave()
        self._signals.stop()
        for piece in self._shown.data:
            self._run.write(piece)

    def update(self, recording: Recording) -> None:
        """Show a table in place of the last one."""
        self._shown = recording
        said = " ".join(note.strip() for note in recording.notes[-1:])
        self._status = f"{datetime.now(UTC):%H:%M:%SZ}  {said}".rstrip()
        self._draw()

    def report(self, failure: "Failure") -> None:
        """Say above the last table that it is not refreshed."""
        since = self._status.partition("  ")[0]
        self._status = f"{since}  not refreshed since: {failure.summary}"
        self._draw()

    def check(self) -> None:
        """Draw anew for a window of another size."""
        size = _window()
        if size != self._console.size:
            self._console.size = size
            self._draw()

    def _draw(self) -> None:
        with self._signals.held():
            if not self._is_entered:
                self._signals.start()
                self._is_entered = True
                write_stdout(_ENTER)
            write_stdout(self._drawing())

    def _leave(self) -> bool:
        """Leave the screen, and return whether there was one to leave."""
        was_entered = self._is_entered
        if was_entered:
            write_stdout(_LEAVE)
            self._is_entered = False
        return was_entered

    def _come_back(self) -> None:
        self._console.size = _window()
        self._draw()

    def _drawing(self) -> str:
        """Return what fills the window with the title and the table."""
        title = self._lines(self._run.in_one_line(f"{self._title}  {self._status}", _LONGEST_TITLE))
        room = self._console.size.height - len(title) - _AROUND_THE_TABLE
        text = Text("\n", no_wrap=True, overflow="crop").join([*title, Text(), *self._table(room)])
        with self._console.capture() as captured:
            self._console.print(Screen(text))
        return f"{_HOME}{captured.get()}"

    def _table(self, room: int) -> list[Text]:
        """Return the lines of the rows that have room, and one more that says how many rows have none."""
        width, height = self._console.size
        rows = [self._lines(row) for row in islice(self._shown.rows_within(width), height)]
        count = sum(piece.count(b"\n") for piece in self._shown.data)
        fitting = _fitting(rows, room + 1)
        if fitting == count:
            return [line for row in rows for line in row]
        fitting = _fitting(rows, room)
        return [*(line for row in rows[:fitting] for line in row), Text(f"… and {count - fitting} more rows")]

    def _lines(self, text: str) -> list[Text]:
        """Fold text to the width of the window."""
        return [*Text.from_ansi(text).wrap(self._console, self._console.size.width, overflow="fold")]


def _fitting(rows: list[list[Text]], room: int) -> int:
    """Count the first rows that have `room` lines or fewer together."""
    return sum(height <= room for height in accumulate(map(len, rows)))


def _window() -> ConsoleDimensions:
    """Return the size of the window, or a usual one where the terminal does not know its own."""
    size = os.get_terminal_size(sys.stdout.fileno())
    return ConsoleDimensions(size.columns or 80, size.lines or 24)
