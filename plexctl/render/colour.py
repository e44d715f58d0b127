"""Colour: of states in tables, and of how plexctl's own messages begin."""

from typing import NamedTuple

import click

_STATES = {
    "healthy": "green",
    "active": "green",
    "stale": "yellow",
    "consumed": "yellow",
    "expired": "yellow",
    "unreachable": "red",
    "revoked": "red",
}
_PROGRAM = "plexctl: "
_WARNING = "warning: "


class Palette(NamedTuple):
    """The colours of a stream; `is_on` is whether it is written in colour."""

    is_on: bool

    def state(self, cell: str) -> str:
        """Colour a cell by the state that it names, without its padding."""
        word = cell.rstrip()
        colour = _STATES.get(word) if self.is_on else None
        return f"{click.style(word, fg=colour)}{cell[len(word) :]}" if colour else cell

    def message(self, text: str, colour: str | None = None) -> str:
        """Colour the start of a line that begins with the program's name: red for an error, yellow for a warning."""
        if not (self.is_on and text.startswith(_PROGRAM)):
            return text
        rest = text.removeprefix(_PROGRAM)
        if rest.startswith(_WARNING):
            return click.style(f"{_PROGRAM}{_WARNING}".rstrip(), fg="yellow") + " " + rest.removeprefix(_WARNING)
        return click.style(_PROGRAM.rstrip(), fg=colour, bold=True) + " " + rest
