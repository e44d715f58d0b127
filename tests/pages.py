"""The documentation as tests read it: shell blocks with the output shown, compared by shape where values differ."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
GENERATED = "<!-- Generated from the command tree"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELLS = frozenset({"sh", "shell", "bash"})

_SHAPES = re.compile(
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]+)?Z)"
    r"|(?P<token>psb_[a-z]+_[a-z2-7]+_(?:node|bridge)_[a-z2-7]{20,})"
    r"|(?P<bearer>plexlocal_[a-z]+_[A-Za-z0-9_-]{43})"
    r"|(?P<code>\b[A-Z2-7]{4}-[A-Z2-7]{4}\b)"
    r"|(?P<key>[A-Za-z0-9+/]{43}=)"
    r"|(?P<version>(?<=version=)[0-9.]+)|(?P<commit>(?<=commit=)[0-9a-z]+)"
    r"|(?P<milliseconds>[0-9.]+(?=ms )|(?<=\"milliseconds\": )[0-9.]+)"
    r"|(?P<port>(?:(?<=127\.0\.0\.1:)|(?<=localhost:))[0-9]+)"
)
_UNCOUNTED = frozenset({"time", "milliseconds"})  # two of them may be equal by chance
_PROCESS = re.compile(r"(<port \d+>) +[0-9]+ +(?=<time>)")
_PADDING = re.compile(r" {2,}|-{4,}")


class Block(NamedTuple):
    """A shell block, the line it starts on, and the output that the page shows for it, if any."""

    line: int
    code: str
    shown: str | None


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> Iterator[Block]:
    """Yield the shell blocks that were written by hand, each with the text block that follows it."""
    text = page.read_text(encoding="utf-8").partition(GENERATED)[0]
    fences = list(_FENCE.finditer(text))
    for fence, following in zip_longest(fences, fences[1:]):
        if fence[1] in _SHELLS:
            shown = following[2] if following and following[1] == "text" else None
            yield Block(text.count("\n", 0, fence.start()) + 2, fence[2], shown)


class Shapes:
    """Replaces values that differ from run to run by their shape; equal values keep one number from page to end."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, int]] = {}

    def __call__(self, text: str) -> str:
        shaped = _SHAPES.sub(self._shape, text)
        shaped = _PROCESS.sub(r"\1 <process> ", shaped)
        return "\n".join(_PADDING.sub("  ", line).rstrip() for line in shaped.rstrip("\n").splitlines())

    def _shape(self, found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        if kind in _UNCOUNTED:
            return f"<{kind}>"
        numbers = self._seen.setdefault(kind, {})
        return f"<{kind} {numbers.setdefault(found[0], len(numbers) + 1)}>"
