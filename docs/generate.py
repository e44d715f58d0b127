#!/usr/bin/env python3
"""Writes docs/reference/ from the command tree, or with --check tells which pages differ from it.

What stands above a page's marker line is written by hand and kept; all below it is generated.
"""

import difflib
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from family_page import family_page
from topic_pages import environment_page, exit_codes_page, flags_page, index_page, output_page

from plexctl.command import Family
from plexctl.tree import TREE

REFERENCE = Path(__file__).parent / "reference"
MARKER = "<!-- Generated from the command tree from here on: change that, then run docs/generate.py. -->\n"


def families() -> dict[str, Family]:
    found = {name: import_module(entry.module).command for name, entry in TREE.items()}
    return {name: command for name, command in found.items() if isinstance(command, Family)}


def generated() -> Iterator[tuple[str, str]]:
    """Yield each page's name with its generated part."""
    found = families()
    for name, family in found.items():
        yield name, family_page(family)
    yield "exit-codes", exit_codes_page()
    yield "environment", environment_page()
    yield "output", output_page()
    yield "flags", flags_page()
    yield "README", index_page(found.values())


def whole_page(path: Path, content: str) -> str:
    """Put the generated part behind what is written by hand."""
    written = path.read_text(encoding="utf-8") if path.exists() else introduction_of(path.stem)
    introduction = written.partition(MARKER)[0]
    return f"{introduction}{MARKER}\n{content}"


def introduction_of(name: str) -> str:
    """Introduce a family that nobody has written an introduction for in its own words."""
    family = families().get(name)
    return f"# plexctl {name}\n\n{family.help}\n\n" if family else f"# {name}\n\n"


def difference(path: Path, found: str, wanted: str) -> Iterator[str]:
    old, new = found.splitlines(keepends=True), wanted.splitlines(keepends=True)
    return difflib.unified_diff(old, new, f"docs/reference/{path.name}", "the command tree")


def main(arguments: list[str]) -> int:
    check = arguments == ["--check"]
    if arguments and not check:
        sys.stderr.write("usage: docs/generate.py [--check]\n")
        return 2
    is_stale = False
    for name, content in generated():
        path = REFERENCE / f"{name}.md"
        wanted = whole_page(path, content)
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        is_stale |= found != wanted
        if check:
            sys.stdout.writelines(difference(path, found, wanted))
        else:
            path.write_text(wanted, encoding="utf-8")
    return 1 if check and is_stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
