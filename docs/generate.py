#!/usr/bin/env python3
"""Writes docs/reference/ and docs/man/ from the command tree; with --check, prints how the pages differ from it.

The part of a reference page above its marker line is written by hand and kept; the part below it is generated.
"""

import difflib
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from family_page import family_page, leaf_page
from man_pages import man_pages
from topic_pages import environment_page, exit_codes_page, flags_page, index_page, output_page

from plexctl.command import Family, Leaf
from plexctl.tree import TREE

REFERENCE = Path(__file__).parent / "reference"
MAN = Path(__file__).parent / "man"
MARKER = "<!-- Generated from the command tree from here on: change that, then run docs/generate.py. -->\n"


def families() -> dict[str, Family]:
    """Import the families of the command tree, by their names."""
    found = {name: import_module(entry.module).command for name, entry in TREE.items()}
    return {name: command for name, command in found.items() if isinstance(command, Family)}


def single_leaves() -> dict[str, Leaf]:
    """Import the commands that belong to no family, but for `help`, by their names."""
    found = {name: import_module(entry.module).command for name, entry in TREE.items()}
    return {name: command for name, command in found.items() if isinstance(command, Leaf) and name != "help"}


def generated() -> Iterator[tuple[str, str]]:
    """Yield the name of each page and its generated part."""
    found, singles = families(), single_leaves()
    for name, leaf in singles.items():
        yield name, leaf_page(leaf)
    for name, family in found.items():
        yield name, family_page(family)
    yield "exit-codes", exit_codes_page()
    yield "environment", environment_page()
    yield "output", output_page()
    yield "flags", flags_page()
    yield "README", index_page(singles.values(), found.values())


def whole_page(path: Path, content: str) -> str:
    """Return the page: the part written by hand, the marker, and the generated part."""
    written = path.read_text(encoding="utf-8") if path.exists() else introduction_of(path.stem)
    introduction = written.partition(MARKER)[0]
    return f"{introduction}{MARKER}\n{content}"


def introduction_of(name: str) -> str:
    """Return an introduction for a page that has none yet; for a command, the text of its help."""
    command = families().get(name) or single_leaves().get(name)
    return f"# plexctl {name}\n\n{command.help or command.summary}\n\n" if command else f"# {name}\n\n"


def difference(path: Path, found: str, wanted: str) -> Iterator[str]:
    """Yield the lines of a unified diff from the page to the command tree."""
    old, new = found.splitlines(keepends=True), wanted.splitlines(keepends=True)
    return difflib.unified_diff(old, new, f"docs/{path.parent.name}/{path.name}", "the command tree")


def wanted_files() -> Iterator[tuple[Path, str]]:
    """Yield each file and its content."""
    for name, content in generated():
        path = REFERENCE / f"{name}.md"
        yield path, whole_page(path, content)
    for name, content in man_pages(families().values(), single_leaves().values()):
        yield MAN / name, content


def main(arguments: list[str]) -> int:
    """Write or check every page, and return the exit code."""
    check = arguments == ["--check"]
    if arguments and not check:
        sys.stderr.write("usage: docs/generate.py [--check]\n")
        return 2
    is_stale = False
    MAN.mkdir(exist_ok=True)
    for path, wanted in wanted_files():
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        is_stale |= found != wanted
        if check:
            sys.stdout.writelines(difference(path, found, wanted))
        else:
            path.write_text(wanted, encoding="utf-8")
    return 1 if check and is_stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
