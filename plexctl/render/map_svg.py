"""A map of a mesh → an SVG with a matrix, for light and dark pages and for eyes that confuse colours."""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from plexctl.mesh_map import DIRECT, KINDS, OTHER, RELAYED, STALE, UNREACHABLE, MeshMap, Place
from plexctl.render.map_text import SYMBOLS
from plexctl.render.text import visible, width

# Fill and symbol of each kind: a palette by Okabe and Ito, which eyes that confuse colours can tell apart.
COLOURS: Mapping[str, tuple[str, str]] = {
    DIRECT: ("#0072b2", "#ffffff"),
    RELAYED: ("#56b4e9", "#000000"),
    STALE: ("#e69f00", "#000000"),
    UNREACHABLE: ("#d55e00", "#ffffff"),
    OTHER: ("#cc79a7", "#000000"),
}
_CELL, _MARGIN, _TOP, _CHARACTER = 18, 16, 64, 7.3  # pixels
_LEGEND_WIDTH = 560
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_STYLE = """
    svg { color-scheme: light dark; }
    text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328; }
    .paper { fill: #ffffff; } .quiet { fill: #59636e; } .middle { text-anchor: middle; } .end { text-anchor: end; }
    .none { fill: none; stroke: #8c959f; stroke-opacity: .5; } .big { font-size: 15px; font-weight: bold; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; } .paper { fill: #0d1117; } .quiet { fill: #9198a1; }
    }
"""


def as_svg(mesh: MeshMap) -> Iterator[str]:
    """Write the matrix with numbered rows and columns, the Nodes' names and ids, and the legend."""
    count, labels = len(mesh.places), [f"{place.node_id}  {visible(place.name)}" for place in mesh.places]
    left = _MARGIN + 3 * _CHARACTER
    right = left + count * _CELL + 12
    total = max(right + _CHARACTER * max(map(width, labels), default=0), _LEGEND_WIDTH) + _MARGIN
    height = _TOP + count * _CELL + 48
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{total:.0f}" height="{height}" role="img"'
    yield f' viewBox="0 0 {total:.0f} {height}" aria-labelledby="title desc">\n'
    yield f'  <title id="title">Mesh of Domain {_text(mesh.domain_id)}</title>\n'
    yield f'  <desc id="desc">{_text(mesh.headline)}. {_described(mesh)}</desc>\n  <style>{_STYLE}  </style>\n'
    yield f'  <style>{_colours()}</style>\n  <rect class="paper" width="100%" height="100%"/>\n'
    yield f'  <text class="big" x="{_MARGIN}" y="24">Mesh of Domain {_text(mesh.domain_id)}</text>\n'
    yield f'  <text class="quiet" x="{_MARGIN}" y="42">{_text(mesh.headline)}</text>\n'
    for number, place in enumerate(mesh.places):
        yield from _row(mesh, number, place, left, right)
    yield from _legend(mesh, height - 22)
    yield "</svg>\n"


def _colours() -> str:
    return " ".join(f".{kind} {{ fill: {fill}; }} .on-{kind} {{ fill: {on}; }}" for kind, (fill, on) in COLOURS.items())


def _row(mesh: MeshMap, source: int, place: Place, left: float, right: float) -> Iterator[str]:
    """Write a Node's number above its column and before its row, its edges, and its name and id."""
    y = _TOP + source * _CELL
    yield f'  <text class="quiet end" x="{left - 6:.1f}" y="{y + 13}">{source + 1}</text>\n'
    yield f'  <text class="quiet middle" x="{left + source * _CELL + 9:.1f}" y="{_TOP - 4}">{source + 1}</text>\n'
    for target in range(len(mesh.places)):
        if target != source:
            kind = mesh.kinds.get((source, target), "none")
            yield from _cell(kind, left + target * _CELL, y, f"{source + 1} to {target + 1}: {kind}")
    yield f'  <text x="{right:.1f}" y="{y + 13}" xml:space="preserve">'
    yield f'<tspan class="quiet">{_text(place.node_id)}</tspan>  {_text(place.name)}</text>\n'


def _cell(kind: str, x: float, y: float, title: str) -> Iterator[str]:
    size = _CELL - 2
    yield f'  <g><title>{title}</title><rect class="{kind}" x="{x:.1f}" y="{y}" width="{size}" height="{size}" rx="2"/>'
    if kind in SYMBOLS:
        yield f'<text class="middle on-{kind}" x="{x + size / 2:.1f}" y="{y + 12}">{SYMBOLS[kind]}</text>'
    yield "</g>\n"


def _legend(mesh: MeshMap, y: int) -> Iterator[str]:
    x = float(_MARGIN)
    shown = [kind for kind in KINDS if kind != OTHER or OTHER in mesh.kinds.values()]
    for kind in (*shown, "none"):
        word = "no edge" if kind == "none" else kind
        yield from _cell(kind, x, y - 12, word)
        yield f'  <text x="{x + 22:.1f}" y="{y}">{word}</text>\n'
        x += 22 + _CHARACTER * len(word) + 18


def _described(mesh: MeshMap) -> str:
    counts = {kind: sum(found == kind for found in mesh.kinds.values()) for kind in KINDS}
    shown = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count) or "none"
    return f"Edges shown, from the row's Node to the column's: {shown}."


def _text(text: str) -> str:
    """Write text that XML and a reader's eye can take, whatever a server sent."""
    return escape(_NO_XML.sub("\ufffd", visible(text)))
