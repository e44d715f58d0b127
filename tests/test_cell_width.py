"""How many cells a terminal takes for a text: it draws clusters, and not code points."""

from types import SimpleNamespace

from plexctl.render.colour import Palette
from plexctl.render.table import Column, table, values_of
from plexctl.render.text import width
from tests.each import each

# What terminals that follow Unicode draw (kitty, WezTerm, Ghostty, iTerm2, Windows Terminal).
CELLS = {
    "": 0,
    "plain": 5,
    "naïve": 5,
    "e\u0301": 1,
    "漢字": 4,
    "ｱ": 1,
    "\uff21": 2,
    "한": 2,
    "\u1112\u1161\u11ab": 2,
    "\xad": 1,
    "a\u200bb": 2,
    "a\u2060b": 2,
    "❤": 1,
    "❤\ufe0f": 2,
    "™": 1,
    "™\ufe0f": 2,
    "1\ufe0f\u20e3": 2,
    "#\ufe0f\u20e3": 2,
    "a\ufe0f": 1,
    "😀": 2,
    "👍🏽": 2,
    "🏽": 2,
    "a🏽": 3,
    "👨\u200d👩\u200d👧\u200d👦": 2,
    "👩🏽\u200d🚀": 2,
    "🏳\ufe0f\u200d🌈": 2,
    "🇩🇪": 2,
    "🇩🇪🇫🇷": 4,
    "🇩": 1,
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": 2,
    "a\u200db": 2,
    "あ\u200dい": 4,
    "न\u200da": 2,
    "x\u20dd": 1,
    "עִ": 1,
    "…": 1,
    "─": 1,
}


@each(("text", "cells"), CELLS.items())
def test_a_text_takes_as_many_cells_as_are_drawn(text, cells):
    assert width(text) == cells


@each("text", CELLS)
def test_what_is_beside_one_another_is_as_wide_as_both(text):
    assert width(f"x{text} {text} y") == 4 + 2 * CELLS[text]


def test_columns_stand_where_they_are_drawn():
    rows = [SimpleNamespace(name=name, end="|") for name in CELLS if name]
    lines = "".join(table(values_of(rows, COLUMNS), COLUMNS, Palette(is_on=False))).splitlines()
    assert {width(line.partition("|")[0]) for line in lines[1:]} == {7}


COLUMNS = (Column("NAME", "name"), Column("END", "end"))
