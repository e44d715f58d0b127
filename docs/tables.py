"""Markdown as the reference pages use it: tables, and the two that several pages share."""

from collections.abc import Iterable, Sequence

from plexctl.exit_codes import exit_table
from plexctl.options import Flag
from plexctl.settings.environment import VARIABLES

NONE = "-"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(_line(cells) for cells in (headers, ["---"] * len(headers), *rows))


def _line(cells: Sequence[str]) -> str:
    """Write a row; a bar is the cells' border even inside code."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def code(text: str) -> str:
    return f"`{text}`" if text else NONE


def all_exit_codes() -> str:
    """Write THE exit-code table, the same on every page."""
    headers = ("code", "meaning", "HTTP status", "gRPC status", "on this machine")
    return table(headers, ((str(row.code), *row[1:]) for row in exit_table()))


def twin(flag: str) -> str:
    """Name the environment variable that stands in for a flag."""
    return next((code(variable.name) for variable in VARIABLES if variable.flag == flag), NONE)


def flag_table(flags: Iterable[Flag]) -> str:
    rows = (
        (code(f"{', '.join(flag.names)} {flag.metavar}".rstrip()), twin(flag.names[0]), meaning(flag.help))
        for flag in flags
    )
    return table(("flag", "environment", "meaning"), rows)


def meaning(text: str) -> str:
    """Take the environment variable out of a flag's help: it has a column of its own."""
    return text.partition(" [env ")[0].rstrip(".")
