"""The live view of --watch on a terminal, drawn by rich on a screen of its own; in the end the last table remains."""

import os
import sys
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Self, cast

import click
from rich.console import Console, ConsoleDimensions
from rich.live import Live
from rich.text import Text

from plexctl.grammar import spell_seconds

if TYPE_CHECKING:
    from plexctl.failures import Failure
    from plexctl.invocation import Invocation
    from plexctl.streams import Recording

_LONGEST_TITLE = 500  # characters, of which a window shows what it has room for
_AROUND_THE_TABLE = 3  # lines: the title, an empty one, and what is cut off


class LiveView:
    """A view of the whole window, in which each look replaces the one before."""

    def __init__(self, run: "Invocation", interval_seconds: float) -> None:
        self._run = run
        self._title = f"{click.get_current_context().command_path}, every {spell_seconds(interval_seconds)}"
        self._data: list[bytes] = []
        self._status = ""
        self._console = Console(
            file=cast("IO[str]", _Stdout(run)), force_terminal=True, color_system="standard", highlight=False
        )
        self._console.size = _window()
        self._live = Live(
            console=self._console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        for piece in self._data:
            self._run.write(piece)

    def update(self, recording: "Recording") -> None:
        """Show a table in place of the last one."""
        self._data = recording.data
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
        lines = b"".join(self._data).decode().splitlines()
        room = max(1, self._console.size.height - _AROUND_THE_TABLE)
        rest = [f"… and {len(lines) - room} more lines"] if len(lines) > room + 1 else []
        if rest:
            del lines[room:]
        shown = [self._run.in_one_line(f"{self._title}  {self._status}", _LONGEST_TITLE), "", *lines, *rest]
        text = Text.from_ansi("\n".join(shown), no_wrap=True, overflow="crop")
        self._live.update(text, refresh=True)


def _window() -> ConsoleDimensions:
    """Return the size of the window, or a usual one where the terminal does not know its own."""
    size = os.get_terminal_size(sys.stdout.fileno())
    return ConsoleDimensions(size.columns or 80, size.lines or 24)


class _Stdout:
    """stdout as rich writes to it; plexctl's own writing sees to it that all of it arrives."""

    encoding = "utf-8"

    def __init__(self, run: "Invocation") -> None:
        self._run = run

    def write(self, text: str) -> int:
        self._run.write(text)
        return len(text)

    def flush(self) -> None:
        """Do nothing, since nothing is held back."""
