"""How the data of one run is printed: the flags that choose a part of it, checked against what the leaf prints."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from plexctl.failures import usage
from plexctl.settings.defaults import NAME

if TYPE_CHECKING:
    from plexctl.render.table import Column


class Shape(NamedTuple):
    """The part of the data to print: an expression over the document, the field of the ids, or columns of the table."""

    query: str | None = None
    id_field: str = ""
    columns: "Sequence[Column] | None" = None
    has_headers: bool = True


class Printed(NamedTuple):
    """What a leaf prints: the class of its document, the field of the ids in that, and the columns of its table."""

    document: str
    id_field: str
    columns: "Sequence[Column]"


def shape_of(printed: Printed, output: str, flags: Mapping[str, Any]) -> Shape:
    """Return the shape that the flags ask for, of what a leaf prints.

    Raises: Failure(usage) where the flags contradict each other, or the leaf prints nothing that they choose from.
    """
    query: str | None = flags.get("query")
    if query is not None and not printed.document:
        raise usage("--query", "cannot be used, since the command prints no document")
    if output == NAME and query is not None:
        raise usage("--query", "cannot be combined with -o name, which prints the ids alone")
    if output == NAME and not printed.id_field:
        raise usage("-o name", "cannot be used, since the command prints nothing that has an id")
    for flag in ("columns", "no_headers"):
        if flags.get(flag):
            _check_prints_table(f"--{flag.replace('_', '-')}", output, query, printed.columns)
    chosen = _chosen(flags["columns"], printed.columns) if "columns" in flags else None
    return Shape(query, printed.id_field if output == NAME else "", chosen, not flags.get("no_headers"))


def _check_prints_table(flag: str, output: str, query: str | None, columns: "Sequence[Column]") -> None:
    if not columns:
        raise usage(flag, "cannot be used, since the command prints no table")
    if output != "text":
        raise usage(flag, f"is for text tables, and the output format is {output}")
    if query is not None:
        raise usage(flag, "is for text tables, and --query prints none")


def _chosen(names: Sequence[str], columns: "Sequence[Column]") -> "Sequence[Column]":
    known = {column.header: column for column in columns}
    for name in names:
        if name not in known:
            raise usage("--columns", f"{name!r} is not one of {', '.join(known)}")
    return [known[name] for name in names]
