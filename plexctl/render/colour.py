"""Colour on a terminal, for states only."""

from typing import NamedTuple

_GREEN, _YELLOW, _RED, _RESET = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"

_STATES = {
    "healthy": _GREEN,
    "active": _GREEN,
    "stale": _YELLOW,
    "consumed": _YELLOW,
    "expired": _YELLOW,
    "unreachable": _RED,
    "revoked": _RED,
}


class Palette(NamedTuple):
    """The colours of a stream; `is_on` is whether it is written in colour."""

    is_on: bool

    def state(self, cell: str) -> str:
        """Colour a cell by the state that it names, without its padding."""
        word = cell.rstrip()
        colour = _STATES.get(word) if self.is_on else None
        return f"{colour}{word}{_RESET}{cell[len(word) :]}" if colour else cell
