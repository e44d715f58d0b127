"""The order of a help page: what the command does, examples to paste, then the rest."""

import sys
from collections.abc import Iterable, Sequence

import click

_GLOBAL_FLAGS = "Global flags, such as --server and --output: see 'plexctl help flags'."


class HelpContext(click.Context):
    """A context whose help is as wide as the terminal; Click would import shutil, and with it every compressor."""

    def make_formatter(self) -> click.HelpFormatter:
        kind = _ColouredFormatter if self.obj.in_colour(sys.stdout) else click.HelpFormatter
        return kind(width=max(min(self.obj.environment.columns, 80) - 2, 50))


class _ColouredFormatter(click.HelpFormatter):
    """Writes headings in bold, and commands and flags in colour."""

    def write_heading(self, heading: str) -> None:
        super().write_heading(click.style(heading, bold=True))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(click.style(term, fg="cyan"), text) for term, text in rows], col_max, col_spacing)


def write_opening(
    formatter: click.HelpFormatter, summary: str, explanation: str | None, examples: Sequence[str], synopsis: str
) -> None:
    """Write the summary, the explanation, the examples and the synopsis."""
    formatter.write(f"{summary}.\n")
    if explanation:
        formatter.write_paragraph()
        formatter.write_text(explanation)
    with formatter.section("Examples"):
        _write_unwrapped(formatter, examples)
    with formatter.section("Usage"):
        _write_unwrapped(formatter, [synopsis])


def write_closing(formatter: click.HelpFormatter, line: str) -> None:
    """Write the last lines: the one given, and where the global flags are explained."""
    formatter.write_paragraph()
    formatter.write(f"{line}\n{_GLOBAL_FLAGS}\n")


def _write_unwrapped(formatter: click.HelpFormatter, texts: Sequence[str]) -> None:
    """Write lines without wrapping them, since a wrapped command cannot be pasted."""
    for text in texts:
        for line in text.splitlines():
            formatter.write(f"{'':{formatter.current_indent}}{line}\n")
