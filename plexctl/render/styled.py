"""Prose in colour for a terminal, written by rich; in a pipe it is plain text, and rich is not imported."""

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
    """Join pieces of text, each with its role (a key of `_STYLES`), in colour or without."""
    if not in_colour:
        return "".join(text for _, text in pieces)
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    console = Console(file=StringIO(), force_terminal=True, color_system="standard", highlight=False)
    with console.capture() as captured:
        for role, text in pieces:
            console.print(Text(text, style=_STYLES[role]), end="", soft_wrap=True)
    return captured.get()
