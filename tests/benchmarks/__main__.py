"""`python -m tests.benchmarks [SUBJECT...]`: measure against named peers in the same run, and print the ratios."""

import sys
from importlib import import_module

from plexctl.render.colour import Palette
from plexctl.render.table import Column, table, values_of
from tests.benchmarks.measuring import Ratio

SUBJECTS = ("startup", "tables", "documents", "redemption", "registration", "growth", "load", "topology", "snapshots")
COLUMNS = [Column(name.upper(), name) for name in Ratio._fields]


def main(names: list[str]) -> None:
    ratios = [ratio for name in names or SUBJECTS for ratio in import_module(f"tests.benchmarks.{name}").measure()]
    sys.stdout.writelines(table(values_of(ratios, COLUMNS), COLUMNS, Palette(is_on=False)))


main(sys.argv[1:])
