"""Rows → a table in text: one list of columns feeds the screen and the reference pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from plexctl.render.colour import Palette
from plexctl.render.text import instant, visible, width

ABSENT = "-"
_GAP = "  "

Row = Mapping[str, Any]


def plain(value: Any) -> str:  # noqa: ANN401  a cell holds whatever JSON can
    """Write a JSON value as a cell; what is absent shows as a dash."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def time(value: Any) -> str:  # noqa: ANN401  as above
    return instant(value) if isinstance(value, str) and value else ABSENT


def blank(value: Any) -> str:  # noqa: ANN401  as above
    """Leave the cell empty where the value is absent."""
    return "" if value is None else str(value)


class Column(NamedTuple):
    """A column: its header, where its value stands in a row (a field's name, or a function of the row), its form."""

    header: str
    value: str | Callable[[Row], Any]
    form: Callable[[Any], str] = plain
    is_state: bool = False

    def cell(self, row: Row) -> str:
        value = row.get(self.value) if isinstance(self.value, str) else self.value(row)
        return visible(self.form(value))


def table(rows: Iterable[Row], columns: Sequence[Column], palette: Palette) -> str:
    """Lay rows out under upper-case headers: two-space gaps, nothing cut off, no trailing spaces."""
    headers = [column.header for column in columns]
    lines = [headers, *([column.cell(row) for column in columns] for row in rows)]
    widths = [max(width(line[index]) for line in lines) for index in range(len(columns))]
    states = [index for index, column in enumerate(columns) if column.is_state] if palette.is_on else []
    return "".join(_line(cells, widths, states, palette) for cells in lines)


def _line(cells: list[str], widths: list[int], states: list[int], palette: Palette) -> str:
    padded = [cell + " " * (room - width(cell)) for cell, room in zip(cells, widths, strict=True)]
    for index in states:
        padded[index] = palette.state(padded[index])
    return _GAP.join(padded).rstrip(" ") + "\n"
