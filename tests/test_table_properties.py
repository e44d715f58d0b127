"""Tables line up whatever their cells hold, measured in terminal cells by rich."""

import re
import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from plexctl.render.colour import Palette
from plexctl.render.table import Column, table, values_of
from plexctl.render.text import visible
from tests import tables

PLAIN, COLOURED = Palette(is_on=False), Palette(is_on=True)
# Narrow, wide, wider than one letter, without a width, and of the kinds that would act on a terminal.
ALPHABET = (
    "aZ09-_ .é\xadŁЖא中文\uff57한\u1112\u1161\u11ab😀\u0301\u0308\u200b\t\n\r\x00\x1b\x7f\x85\x9b\u202e\u2028\u2067"
)
# a combining mark at the start would join the gap before it
TEXTS = st.text(ALPHABET, max_size=12).filter(lambda text: not text or cell_len(visible(text[0])) > 0)
# A message gives a field one type, or none.
CELLS = {
    "first": st.none() | TEXTS,
    "second": st.none() | TEXTS | st.sampled_from(["healthy", "stale", "revoked"]),
    "c": st.none() | st.integers(),
    "d": st.booleans(),
}
COLUMNS = tuple(Column(name.upper(), name, is_state=name == "second") for name in CELLS)
ROWS = st.lists(st.builds(SimpleNamespace, **CELLS), max_size=6)


def drawn(rows, palette) -> str:
    return "".join(table(values_of(rows, COLUMNS), COLUMNS, palette))


def grid(line: str) -> list[str]:
    """Lay a line out as a terminal does: a piece of text for each cell, empty where a wide character continues."""
    cells: list[str] = []
    for character in line:
        width = cell_len(character)
        if width == 0 and cells:
            cells[-1] += character
        else:
            cells += [character, ""][:width]
    return cells


def shown(rows) -> list[list[str]]:
    cells = ([visible(column.to_cell(value)) for value in column.values(rows)] for column in COLUMNS)
    return [[column.header for column in COLUMNS], *map(list, zip(*cells, strict=True))]


@given(ROWS)
def test_every_cell_stands_under_its_header_two_spaces_after_the_last(rows):
    lines = drawn(rows, PLAIN).splitlines()
    contents = shown(rows)
    widths = [max(cell_len(cells[index]) for cells in contents) for index in range(len(COLUMNS))]
    assert len(lines) == len(contents)
    for line, cells in zip(map(grid, lines), contents, strict=True):
        start = 0
        for width, cell in zip(widths, cells, strict=True):
            assert "".join(line[start : start + width]).rstrip(" ") == cell.rstrip(" ")
            assert "".join(line[start + width : start + width + 2]).strip(" ") == ""
            start += width + 2


@given(ROWS)
def test_no_line_ends_in_spaces_and_none_holds_what_acts_on_a_terminal(rows):
    text = drawn(rows, PLAIN)
    assert text.endswith("\n")
    for line in text.removesuffix("\n").split("\n"):
        assert line == line.rstrip(" ")
        assert not {unicodedata.category(character) for character in line} & {"Cc", "Cs", "Zl", "Zp"}
        assert not set(line) & set("\u202e\u2067")


@given(ROWS)
def test_colour_adds_nothing_but_colour(rows):
    coloured = drawn(rows, COLOURED)
    assert re.sub(r"\x1b\[[0-9]*m", "", coloured) == drawn(rows, PLAIN)
    assert coloured.count("\x1b[0m") == sum(
        cells[1].strip() in {"healthy", "stale", "revoked"} for cells in shown(rows)
    )


def test_only_the_state_is_coloured_and_not_its_padding():
    rows = [
        SimpleNamespace(first="healthy", second="healthy", c=1, d=True),
        SimpleNamespace(first=None, second="unreachable", c=2, d=False),
    ]
    assert drawn(rows, COLOURED) == (
        "FIRST    SECOND       C  D\n"
        "healthy  \x1b[32mhealthy\x1b[0m      1  true\n"
        "-        \x1b[31munreachable\x1b[0m  2  false\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "colour"),
    [
        ("healthy", 32),
        ("active", 32),
        ("stale", 33),
        ("consumed", 33),
        ("expired", 33),
        ("unreachable", 31),
        ("revoked", 31),
    ],
)
def test_a_state_has_its_colour(state, colour):
    rows = [SimpleNamespace(state=state)]
    columns = (Column("STATE", "state", is_state=True),)
    assert "".join(table(values_of(rows, columns), columns, COLOURED)) == f"STATE\n\x1b[{colour}m{state}\x1b[0m\n"


def test_a_state_in_the_last_column_is_coloured_too():
    columns = (Column("A", "a"), Column("STATE", "state", is_state=True))
    rows = [SimpleNamespace(a="x", state="stale")]
    assert "".join(table(values_of(rows, columns), columns, COLOURED)) == "A  STATE\nx  \x1b[33mstale\x1b[0m\n"


def test_a_long_table_comes_in_pieces_that_join_up():
    rows = [SimpleNamespace(first=str(number), second="stale", c=number, d=True) for number in range(25_000)]
    pieces = list(table(values_of(rows, COLUMNS), COLUMNS, PLAIN))
    assert len(pieces) == 3
    assert [row["FIRST"] for row in tables.table("".join(pieces))] == [row.first for row in rows]


def test_without_rows_the_headers_stand_alone():
    assert drawn([], PLAIN) == "FIRST  SECOND  C  D\n"


@given(st.text(max_size=30))
def test_what_is_visible_stays_so_and_says_what_it_stands_for(text):
    safe = visible(text)
    assert visible(safe) == safe
    assert not {unicodedata.category(character) for character in safe} & {"Cc", "Cs", "Zl", "Zp"}
    if "\\" not in text:
        assert re.sub(r"\\(x..|u....|[nrt])", lambda found: found[0].encode().decode("unicode_escape"), safe) == text
