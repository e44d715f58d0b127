"""A text table of 1,000 rows and 7 columns, against rich's."""

from collections.abc import Iterator
from io import StringIO

from rich.console import Console
from rich.table import Table

from plexctl.commands.bootstrap_token import COLUMNS
from plexctl.render.colour import Palette
from plexctl.render.table import table
from tests.benchmarks.measuring import Ratio, ratio, seconds
from tests.benchmarks.samples import listed_tokens


def measure() -> Iterator[Ratio]:
    rows = listed_tokens()

    def through_rich() -> None:
        drawn = Table(*(column.header for column in COLUMNS), box=None)
        for row in rows:
            drawn.add_row(*(column.cell(row) for column in COLUMNS))
        Console(file=StringIO(), width=250).print(drawn)

    own, peer = seconds(lambda: table(rows, COLUMNS, Palette(is_on=False)), through_rich)
    yield ratio("text, 1,000 rows of 7 columns", "rich.table", "wall", own, peer)
