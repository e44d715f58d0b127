"""Tables laid out for a window that they do not fit: a line per cell, a blank line between rows."""

import re
from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"[A-Z][A-Z_]*(?: {2,}[A-Z][A-Z_]*)*")
_GAP = "  "
_SHORTEST_PART = 8  # of a cell, where a window is too narrow for anything


def narrow(lines: Sequence[str], columns: int) -> Sequence[str]:
    """Return the lines of an output, or those of its table in another layout where one is wider than `columns`."""
    if not _HEADER.fullmatch(lines[0]) or max(map(len, lines)) <= columns:
        return lines
    starts = [found.start() for found in re.finditer(r"\S+", lines[0])]
    headers, *rows = ([line[start:end].strip() for start, end in _slices(starts)] for line in lines)
    laid_out = [list(_row(headers, row, columns)) for row in rows]
    return [line for number, row in enumerate(laid_out) for line in ([""] * bool(number) + row)]


def _slices(starts: Sequence[int]) -> Iterator[tuple[int, int | None]]:
    return zip(starts, [*starts[1:], None], strict=True)


def _row(headers: Sequence[str], cells: Sequence[str], columns: int) -> Iterator[str]:
    """Write one row; a cell that is too long goes on below itself."""
    width = max(map(len, headers))
    room = max(columns - width - len(_GAP), _SHORTEST_PART)
    for header, cell in zip(headers, cells, strict=True):
        first, *others = (cell[start : start + room] for start in range(0, max(len(cell), 1), room))
        yield f"{header.ljust(width)}{_GAP}{first}".rstrip()
        yield from (f"{' ' * width}{_GAP}{other}" for other in others)
