"""Rows → a text table; the reference pages read the same columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from plexctl.render.colour import Palette
from plexctl.render.text import instant, visible, width

ABSENT = "-"
_GAP = "  "
_LINES_PER_PIECE = 10_000


def plain_cell(value: Any) -> str:
    """Write a JSON value; an absent one is `-`."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def time_cell(value: Any) -> str:
    """Write an RFC 3339 time in UTC and whole seconds; an absent one is `-`."""
    return instant(value) if isinstance(value, str) and value else ABSENT


def blank_cell(value: Any) -> str:
    """Write a JSON value; an absent one is empty."""
    return "" if value is None else str(value)


class Column(NamedTuple):
    """A column: its header, its value (the name of a row's field, or a function of the row), and how to write it."""

    header: str
    value: str | Callable[[Any], Any]
    to_cell: Callable[[Any], str] = plain_cell
    is_state: bool = False

    def values(self, rows: Iterable[Any]) -> list[Any]:
        """Return this column's value of every row."""
        return list(map(attrgetter(self.value) if isinstance(self.value, str) else self.value, rows))


def values_of(rows: Sequence[Any], columns: Sequence[Column]) -> dict[str, list[Any]]:
    """Return the values of each column, by its header."""
    return {column.header: column.values(rows) for column in columns}


def table(
    values: Mapping[str, Sequence[Any]], columns: Sequence[Column], palette: Palette, *, has_headers: bool = True
) -> Iterator[str]:
    """Write a table in pieces of 10,000 lines: upper-case headers, gaps of two spaces, no trailing spaces.

    `values` has each column's values by its header. No cell is truncated.
    """
    *padded, last = (_cells(column, values[column.header], palette, has_headers=has_headers) for column in columns)
    lines = zip(*(cells.padded() for cells in padded), last.plain(), strict=True)
    yield from _pieces(_GAP.join(cells).rstrip(" ") for cells in lines)


class _Cells(NamedTuple):
    """A column's values and one cell per distinct value, so that a repeated value costs only a look-up."""

    headers: Sequence[str]
    values: Sequence[Any]
    cell_of: Mapping[Any, str]
    paint: Callable[[str], str]

    def plain(self) -> Iterator[str]:
        return self._all({value: self.paint(cell) for value, cell in self.cell_of.items()}, self.headers)

    def padded(self) -> Iterator[str]:
        widest = max(map(width, (*self.headers, *self.cell_of.values())), default=0)
        padded = {value: self.paint(_pad(cell, widest)) for value, cell in self.cell_of.items()}
        return self._all(padded, [_pad(header, widest) for header in self.headers])

    def _all(self, cell_of: Mapping[Any, str], headers: Sequence[str]) -> Iterator[str]:
        yield from headers
        yield from map(cell_of.__getitem__, self.values)


def _cells(column: Column, values: Sequence[Any], palette: Palette, *, has_headers: bool) -> _Cells:
    cell_of = {value: visible(column.to_cell(value)) for value in dict.fromkeys(values)}
    headers = [column.header] if has_headers else []
    return _Cells(headers, values, cell_of, palette.state if palette.is_on and column.is_state else str)


def _pad(cell: str, room: int) -> str:
    return cell + " " * (room - width(cell))


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    from itertools import islice

    while piece := "\n".join(islice(lines, _LINES_PER_PIECE)):
        yield piece + "\n"
