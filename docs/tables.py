"""Markdown tables for the reference pages, and the two that several pages share."""

from collections.abc import Iterable, Sequence

from plexctl.exit_codes import exit_table
from plexctl.options import Flag
from plexctl.settings.environment import VARIABLES

NONE = "-"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    return "".join(_line(cells) for cells in (headers, ["---"] * len(headers), *rows))


def _line(cells: Sequence[str]) -> str:
    """Write a row; a bar must be escaped even inside code."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def code(text: str) -> str:
    """Write text as code; empty text is a dash."""
    return f"`{text}`" if text else NONE


def all_exit_codes() -> str:
    """Write the exit-code table, which is the same on every page."""
    headers = ("code", "meaning", "HTTP status", "gRPC status", "on this machine")
    return table(headers, ((str(row.code), *row[1:]) for row in exit_table()))


def twin(flag: str) -> str:
    """Return the environment variable of a flag, as code."""
    return next((code(variable.name) for variable in VARIABLES if variable.flag == flag), NONE)


def flag_table(flags: Iterable[Flag]) -> str:
    """Write a table of flags."""
    rows = (
        (code(f"{', '.join(flag.names)} {flag.metavar}".rstrip()), twin(flag.names[0]), meaning(flag.help))
        for flag in flags
    )
    return table(("flag", "environment", "meaning"), rows)


def meaning(text: str) -> str:
    """Remove the environment variable from a flag's help, since it has a column of its own."""
    return text.partition(" [env ")[0].rstrip(".")
