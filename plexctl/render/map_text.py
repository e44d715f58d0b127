"""A map of a mesh → a matrix of symbols, for a terminal or a pipe."""

from collections.abc import Iterator, Mapping

import click

from plexctl.mesh_map import DIRECT, KINDS, OTHER, RELAYED, STALE, UNREACHABLE, MeshMap
from plexctl.render.text import visible

SYMBOLS: Mapping[str, str] = {DIRECT: "=", RELAYED: "~", STALE: "!", UNREACHABLE: "x", OTHER: "?"}
ITSELF, NO_EDGE = ".", "-"
_COLOURS = {DIRECT: "blue", RELAYED: "cyan", STALE: "yellow", UNREACHABLE: "red", OTHER: "magenta"}


def as_matrix(mesh: MeshMap, *, in_colour: bool) -> Iterator[str]:
    """Write one row per Node, with a symbol for its edge to each Node, and the legend."""
    painted = {
        kind: click.style(symbol, fg=_COLOURS[kind], bold=kind != DIRECT) if in_colour else symbol
        for kind, symbol in SYMBOLS.items()
    }
    yield f"{mesh.headline}\n\n"
    if mesh.places:
        yield from _numbers(len(mesh.places))
        yield from (_row(mesh, number, painted) + "\n" for number in range(len(mesh.places)))
        yield "\n"
    words = [f"{painted[kind]} {kind}" for kind in KINDS if kind != OTHER or OTHER in mesh.kinds.values()]
    yield f"{'  '.join(words)}  {NO_EDGE} no edge; from the row's Node to the column's\n"


def _numbers(count: int) -> Iterator[str]:
    """Write the columns' numbers above them, tens over units."""
    numbers = range(1, count + 1)
    if count > 9:
        yield f"{'':3}{' '.join(str(number // 10 or ' ') for number in numbers)}".rstrip() + "\n"
    yield f"{'':3}{' '.join(str(number % 10) for number in numbers)}\n"


def _row(mesh: MeshMap, source: int, painted: Mapping[str, str]) -> str:
    cells = (
        ITSELF if target == source else painted.get(mesh.kinds.get((source, target), ""), NO_EDGE)
        for target in range(len(mesh.places))
    )
    place = mesh.places[source]
    words = (" ".join(cells), place.node_id, place.name)
    return f"{source + 1:2} " + "  ".join(visible(word) if word is not words[0] else word for word in words if word)
