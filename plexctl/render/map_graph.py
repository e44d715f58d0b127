"""A map of a mesh → a graph for Graphviz (.dot) or Mermaid (.mmd), with one link for the two edges of a pair."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from plexctl.mesh_map import DIRECT, OTHER, RELAYED, STALE, UNREACHABLE, MeshMap, Place
from plexctl.render.map_svg import COLOURS
from plexctl.render.text import visible

_MOST_LINKS = 500  # that Mermaid accepts
_STYLES = {DIRECT: "solid", RELAYED: "dashed", STALE: "dotted", UNREACHABLE: "bold", OTHER: "dotted"}
_ARROWS = {DIRECT: "--", RELAYED: "-.-", STALE: "-.-", UNREACHABLE: "--", OTHER: "-.-"}
_PLAIN = frozenset(" ._-")


class _Link(NamedTuple):
    source: int
    target: int
    kind: str
    is_mutual: bool


def as_dot(mesh: MeshMap) -> Iterator[str]:
    """Write the graph in the language of Graphviz."""
    links = _links(mesh)
    yield f"// {visible(mesh.headline)}{_left_out(links)}\ndigraph mesh {{\n"
    yield f"  graph [label={_quoted(f'Mesh of Domain {mesh.domain_id}')}, overlap=false];\n"
    yield "  node [shape=box, style=rounded];\n"
    for number, place in enumerate(mesh.places, 1):
        label = "\\n".join(_quoted(line)[1:-1] for line in _label(place))
        yield f'  n{number} [label="{label}"];\n'
    for link in links[:_MOST_LINKS]:
        both = ", dir=both" if link.is_mutual else ""
        words = f'label="{link.kind}", ' if link.kind != DIRECT else ""
        drawn = f'{words}color="{COLOURS[link.kind][0]}", style={_STYLES[link.kind]}{both}'
        yield f"  n{link.source + 1} -> n{link.target + 1} [{drawn}];\n"
    yield "}\n"


def as_mermaid(mesh: MeshMap) -> Iterator[str]:
    """Write the graph in the language of Mermaid."""
    links = _links(mesh)
    yield f"%% {visible(mesh.headline)}{_left_out(links)}\nflowchart LR\n"
    for number, place in enumerate(mesh.places, 1):
        yield f'  n{number}["{"<br/>".join(map(_entities, _label(place)))}"]\n'
    for link in links[:_MOST_LINKS]:
        head = "x" if link.kind == UNREACHABLE else ">"
        tail = head.replace(">", "<") if link.is_mutual else ""
        words = f"|{link.kind}|" if link.kind != DIRECT else ""
        yield f"  n{link.source + 1} {tail}{_ARROWS[link.kind]}{head}{words} n{link.target + 1}\n"
    for number, link in enumerate(links[:_MOST_LINKS]):
        yield f"  linkStyle {number} stroke:{COLOURS[link.kind][0]}\n"


def _links(mesh: MeshMap) -> list[_Link]:
    """Return the links, those first that are not direct; a pair whose edges are of one kind has one."""
    kinds = mesh.kinds
    both = (
        _Link(source, target, kind, is_mutual=True)
        for (source, target), kind in kinds.items()
        if source < target and kinds.get((target, source)) == kind
    )
    single = (
        _Link(source, target, kind, is_mutual=False)
        for (source, target), kind in kinds.items()
        if kinds.get((target, source)) != kind
    )
    return sorted(chain(both, single), key=lambda link: (link.kind == DIRECT, link))


def _left_out(links: list[_Link]) -> str:
    more = len(links) - _MOST_LINKS
    return f"; {more:,} links are left out" if more > 0 else ""


def _label(place: Place) -> list[str]:
    return [visible(text) for text in (place.name, place.node_id) if text]


def _quoted(text: str) -> str:
    """Write a string of the language of Graphviz."""
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _entities(text: str) -> str:
    """Write each character that means something to Mermaid as its number."""
    return "".join(letter if letter.isalnum() or letter in _PLAIN else f"#{ord(letter)};" for letter in text)
