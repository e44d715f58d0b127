"""A text table of 1,000 rows and 7 columns, against rich's."""

from collections.abc import Iterator
from io import StringIO

from rich.console import Console
from rich.table import Table

from plexctl.commands.bootstrap_token import COLUMNS
from plexctl.render.colour import Palette
from plexctl.render.table import table, values_of
from plexctl.wire import Token
from tests.benchmarks.measuring import Ratio, ratio, seconds
from tests.benchmarks.samples import listed_tokens


def measure() -> Iterator[Ratio]:
    rows = [Token(**token) for token in listed_tokens()]

    def through_rich() -> None:
        drawn = Table(*(column.header for column in COLUMNS), box=None)
        for cells in zip(*values_of(rows, COLUMNS).values(), strict=True):
            drawn.add_row(*(column.to_cell(cell) for column, cell in zip(COLUMNS, cells, strict=True)))
        Console(file=StringIO(), width=250).print(drawn)

    own, peer = seconds(lambda: list(table(values_of(rows, COLUMNS), COLUMNS, Palette(is_on=False))), through_rich)
    yield ratio("text, 1,000 rows of 7 columns", "rich.table", "wall", own, peer)
