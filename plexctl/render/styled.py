"""Prose in colour for a terminal, through rich; in a pipe the same pieces are plain text and rich stays unloaded."""

from collections.abc import Iterable

_STYLES = {
    "title": "bold cyan",
    "prose": "",
    "command": "bold",
    "output": "dim",
    "refusal": "yellow",
    "promise": "green",
}


def styled(pieces: Iterable[tuple[str, str]], *, in_colour: bool) -> str:
    """Join pieces of text, each after the part it plays, in colour or without."""
    if not in_colour:
        return "".join(text for _, text in pieces)
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    console = Console(file=StringIO(), force_terminal=True, color_system="standard", highlight=False)
    with console.capture() as captured:
        for part, text in pieces:
            console.print(Text(text, style=_STYLES[part]), end="", soft_wrap=True)
    return captured.get()
