#!/usr/bin/env python3
"""Plays `plexctl local lesson` and writes docs/lesson.svg, the picture of it that the README shows.

Two steps are shown whole, and each other step by its title; what is shown is what the run printed.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from plexctl.local.lesson import render
from plexctl.local.lesson.transcript import Step, TypedCommand

PICTURE = Path(__file__).parent / "lesson.svg"
WHOLE = (6, 7)  # the steps that are shown whole, by their numbers
COMMAND = "plexctl local lesson"

_STYLES = {
    "title": "#56d4dd;font-weight:bold",
    "prose": "#c9d1d9",
    "command": "#ffffff;font-weight:bold",
    "output": "#9da7b3",
    "refusal": "#e3b341",
    "promise": "#56d364",
}
_FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
_CELL_WIDTH, _LINE_HEIGHT, _MARGIN = 7.2, 17, 16  # in the units of the picture, for a font of 12
_BAR = 34  # the height of the window's bar, in the same units

Line = tuple[str, str]  # its style and its text


def play() -> Mapping[str, Any]:
    """Play the lesson and return its document."""
    command = [sys.executable, "-m", *COMMAND.split(), "--output", "json"]
    document: Mapping[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return document


def shown_lines(document: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the lines of the picture, in the styles that they have at a terminal."""
    yield "command", f"$ {COMMAND}"
    for number, step in enumerate(document["steps"], 1):
        if number in WHOLE:
            yield from _lines(render.step(number, _step(step)))
        else:
            if number - 1 in (0, *WHOLE):
                yield "prose", ""
            yield "title", f"{number}. {step['title']}"
    yield from _lines(render.closing(document["summary"]))


def picture(document: Mapping[str, Any]) -> str:
    """Draw a window with the lines of the lesson in it, as SVG."""
    lines = list(shown_lines(document))
    width = round(max(len(text) for _, text in lines) * _CELL_WIDTH) + 2 * _MARGIN
    height = _BAR + len(lines) * _LINE_HEIGHT + _MARGIN
    rows = "".join(_row(number, *line) for number, line in enumerate(lines) if line[1])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img">\n'
        f"<title>A run of {COMMAND}</title>\n"
        f"<style>text{{font:12px {_FONT};white-space:pre}}{_classes()}</style>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>\n'
        f"{_buttons()}{rows}</svg>\n"
    )


def _step(step: Mapping[str, Any]) -> Step:
    commands = tuple(TypedCommand(**command) for command in step["commands"])
    return Step(step["title"], step["explanation"], commands, tuple(step["promises"]))


def _lines(pieces: Iterator[render.Piece]) -> Iterator[Line]:
    for style, text in pieces:
        for line in text.removesuffix("\n").split("\n"):
            yield style, line


def _classes() -> str:
    return "".join(f".{name}{{fill:{style}}}" for name, style in _STYLES.items())


def _buttons() -> str:
    colours = ("#ff5f57", "#febc2e", "#28c840")
    return "".join(
        f'<circle cx="{_MARGIN + 6 + 20 * number}" cy="18" r="6" fill="{colour}"/>\n'
        for number, colour in enumerate(colours)
    )


def _row(number: int, style: str, text: str) -> str:
    """Draw one line; its length is given, so that columns stay aligned in any font."""
    indent = len(text) - len(text.lstrip())
    left = _MARGIN + indent * _CELL_WIDTH
    length = (len(text) - indent) * _CELL_WIDTH
    top = _BAR + (number + 1) * _LINE_HEIGHT - 4
    return (
        f'<text class="{style}" x="{left:.1f}" y="{top}" textLength="{length:.1f}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(text.lstrip(), quote=False)}</text>\n'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(play()), encoding="utf-8")
