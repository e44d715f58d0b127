"""Rows → a table in text: one list of columns feeds the screen and the reference pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from plexctl.render.colour import Palette
from plexctl.render.text import instant, visible, width

ABSENT = "-"
_GAP = "  "
_LINES_PER_PIECE = 10_000


def plain(value: Any) -> str:  # noqa: ANN401  a cell holds whatever JSON can
    """Write a JSON value as a cell; what is absent shows as a dash."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def time(value: Any) -> str:  # noqa: ANN401  a cell holds whatever JSON can
    """Write an RFC 3339 time in UTC and whole seconds; what is absent shows as a dash."""
    return instant(value) if isinstance(value, str) and value else ABSENT


def blank(value: Any) -> str:  # noqa: ANN401  a cell holds whatever JSON can
    """Leave the cell empty where the value is absent."""
    return "" if value is None else str(value)


class Column(NamedTuple):
    """A column: its header, where its value stands in a row (a field's name, or a function of the row), its form."""

    header: str
    value: str | Callable[[Any], Any]
    form: Callable[[Any], str] = plain
    is_state: bool = False

    def values(self, rows: Iterable[Any]) -> list[Any]:
        """Take this column's value out of every row."""
        return list(map(attrgetter(self.value) if isinstance(self.value, str) else self.value, rows))


def values_of(rows: Sequence[Any], columns: Sequence[Column]) -> dict[str, list[Any]]:
    """Turn rows into the values of each column, by its header."""
    return {column.header: column.values(rows) for column in columns}


def table(values: Mapping[str, Sequence[Any]], columns: Sequence[Column], palette: Palette) -> Iterator[str]:
    """Lay columns out under upper-case headers: two-space gaps, nothing cut off, no trailing spaces.

    `values` holds each column's values by its header. The table comes in pieces of some thousand lines.
    """
    *padded, last = (_cells(column, values[column.header], palette) for column in columns)
    lines = zip(*(cells.padded() for cells in padded), last.plain(), strict=True)
    yield from _pieces(_GAP.join(cells).rstrip(" ") for cells in lines)


class _Cells(NamedTuple):
    """A column's values and the cell of each distinct one, so that a value seen again costs a look-up."""

    header: str
    values: Sequence[Any]
    cell_of: Mapping[Any, str]
    paint: Callable[[str], str]

    def plain(self) -> Iterator[str]:
        return self._all({value: self.paint(cell) for value, cell in self.cell_of.items()}, self.header)

    def padded(self) -> Iterator[str]:
        widest = max(map(width, (self.header, *self.cell_of.values())))
        padded = {value: self.paint(_pad(cell, widest)) for value, cell in self.cell_of.items()}
        return self._all(padded, _pad(self.header, widest))

    def _all(self, cell_of: Mapping[Any, str], header: str) -> Iterator[str]:
        yield header
        yield from map(cell_of.__getitem__, self.values)


def _cells(column: Column, values: Sequence[Any], palette: Palette) -> _Cells:
    cell_of = {value: visible(column.form(value)) for value in dict.fromkeys(values)}
    return _Cells(column.header, values, cell_of, palette.state if palette.is_on and column.is_state else str)


def _pad(cell: str, room: int) -> str:
    return cell + " " * (room - width(cell))


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    from itertools import islice

    while piece := "\n".join(islice(lines, _LINES_PER_PIECE)):
        yield piece + "\n"
