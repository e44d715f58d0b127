"""How a help page reads: what the command does, examples that can be pasted, then the rest."""

import os
from collections.abc import Sequence

import click

_GLOBAL_FLAGS = "Global flags, such as --server and --output: see 'plexctl help flags'."


class HelpContext(click.Context):
    """A context whose help is as wide as the terminal; Click measures through shutil, which loads every compressor."""

    def make_formatter(self) -> click.HelpFormatter:
        return click.HelpFormatter(width=max(min(self._columns(), 80) - 2, 50))

    def _columns(self) -> int:
        columns = self.obj.environment.get("COLUMNS") or ""
        if columns.isdecimal() and int(columns):
            return int(columns)
        try:
            return os.get_terminal_size().columns
        except OSError:
            return 80


def write_opening(
    formatter: click.HelpFormatter, summary: str, explanation: str | None, examples: Sequence[str], synopsis: str
) -> None:
    """Lead with examples: a person reads one faster than a list of flags."""
    formatter.write(f"{summary}.\n")
    if explanation:
        formatter.write_paragraph()
        formatter.write_text(explanation)
    with formatter.section("Examples"):
        _write_as_they_are(formatter, examples)
    with formatter.section("Usage"):
        _write_as_they_are(formatter, [synopsis])


def write_closing(formatter: click.HelpFormatter, line: str) -> None:
    formatter.write_paragraph()
    formatter.write(f"{line}\n{_GLOBAL_FLAGS}\n")


def _write_as_they_are(formatter: click.HelpFormatter, texts: Sequence[str]) -> None:
    """Write lines unwrapped, since a wrapped command could not be pasted."""
    for text in texts:
        for line in text.splitlines():
            formatter.write(f"{'':{formatter.current_indent}}{line}\n")
