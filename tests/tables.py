"""A table as a command prints it, read back by the names of its columns."""

import re


def table(text: str) -> list[dict[str, str]]:
    """Return each row as its cells by column; a cell reaches from where its header starts to where the next one does.

    Only for cells of narrow characters, of which each takes one place.
    """
    header, *rows = text.splitlines()
    starts = [found.start() for found in re.finditer(r"\S+", header)]
    spans = [slice(start, end) for start, end in zip(starts, [*starts[1:], None], strict=True)]
    return [{header[span].strip(): row[span].strip() for span in spans} for row in rows]
