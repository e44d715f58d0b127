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
    cells = [_cells(column, values[column.header], palette, has_headers=has_headers) for column in columns]
    yield from _pieces(_lines(cells))


def rows_within(
    room: int,
    values: Mapping[str, Sequence[Any]],
    columns: Sequence[Column],
    palette: Palette,
    *,
    has_headers: bool = True,
) -> Iterator[str]:
    """Write the rows of a table for a window of `room` cells, each on as many lines as its columns take.

    The further lines of a row are indented, and their columns line up as well. Only a column that is wider than the
    window by itself makes a line wider.
    """
    cells = [_cells(column, values[column.header], palette, has_headers=has_headers) for column in columns]
    lines_of_rows = zip(*map(_lines, _groups(cells, room)), strict=True)
    return map(f"\n{_GAP}".join, lines_of_rows)


class _Cells(NamedTuple):
    """A column's values and one cell per distinct value, so that a repeated value costs only a look-up."""

    headers: Sequence[str]
    values: Sequence[Any]
    cell_of: Mapping[Any, str]
    paint: Callable[[str], str]

    @property
    def widest(self) -> int:
        return max(map(width, (*self.headers, *self.cell_of.values())), default=0)

    def plain(self) -> Iterator[str]:
        return self._all({value: self.paint(cell) for value, cell in self.cell_of.items()}, self.headers)

    def padded(self) -> Iterator[str]:
        widest = self.widest
        padded = {value: self.paint(_pad(cell, widest)) for value, cell in self.cell_of.items()}
        return self._all(padded, [_pad(header, widest) for header in self.headers])

    def _all(self, cell_of: Mapping[Any, str], headers: Sequence[str]) -> Iterator[str]:
        yield from headers
        yield from map(cell_of.__getitem__, self.values)


def _cells(column: Column, values: Sequence[Any], palette: Palette, *, has_headers: bool) -> _Cells:
    cell_of = {value: visible(column.to_cell(value)) for value in dict.fromkeys(values)}
    headers = [column.header] if has_headers else []
    return _Cells(headers, values, cell_of, palette.state if palette.is_on and column.is_state else str)


def _lines(columns: Sequence[_Cells]) -> Iterator[str]:
    *padded, last = columns
    lines = zip(*(cells.padded() for cells in padded), last.plain(), strict=True)
    return (_GAP.join(cells).rstrip(" ") for cells in lines)


def _groups(columns: Sequence[_Cells], room: int) -> list[list[_Cells]]:
    """Share the columns out among as few lines as hold them; every line but the first is indented."""
    groups: list[list[_Cells]] = [[]]
    end = -len(_GAP)
    for cells in columns:
        end += len(_GAP) + cells.widest
        if groups[-1] and end > room:
            groups.append([])
            end = len(_GAP) + cells.widest
        groups[-1].append(cells)
    return groups


def _pad(cell: str, room: int) -> str:
    return cell + " " * (room - width(cell))


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    from itertools import islice

    while piece := "\n".join(islice(lines, _LINES_PER_PIECE)):
        yield piece + "\n"
