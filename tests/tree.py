"""The command tree, as the tests that try all of it walk it."""

import shlex
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

import click

from plexctl.command import Family, Leaf, Root
from plexctl.tree import TREE
from tests.long_mode import LONG

# A value that each type of parameter accepts, by the name that help shows for it.
VALID = {
    "UUID": "019ed19b-68dc-7aa9-8995-80e810444cce",
    "SLUG": "edge-fleet",
    "NAME=VALUE": "limit=5",
    "SHELL": "zsh",
    "UUID|SLUG": "019ed19b-68dc-7aa9-8995-80e810444cce",
    "UUID|NAME": "019ed19b-68dc-7aa9-8995-80e810444cce",
    "PREFIX": "dev",
    "KEY_ID": "k2",
    "text": "true",
    "SCOPE": "platform",
    "CIDR": "10.50.0.128/25",
    "DURATION": "1h",
    "HOST:PORT": "localhost:9443",
    "URL": "http://localhost:8080",
    "TEXT": "some text",
    "KIND": "vm",
    "REF": "rack-7",
    "NAME": "a-name",
    "PATH": "/nowhere/at-all",
    "FILE": f"{tempfile.gettempdir()}/mesh.svg",
    "CURSOR": "a-cursor",
    "N": "10",
    "BYTES": "64M",
    "EXPR": "items",
    "NAMES": "ID",
}


class Placed(NamedTuple):
    """A leaf and the words that lead to it."""

    words: tuple[str, ...]
    leaf: Leaf

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def least(self) -> str:
        """The shortest command line that it accepts."""
        words = list(self.words)
        for parameter in self.leaf.params:
            if parameter.required:
                words += [parameter.opts[0]] if isinstance(parameter, click.Option) else []
                words.append(valid(parameter))
        return shlex.join(words)

    @property
    def is_paged(self) -> bool:
        """Whether it takes --limit, --cursor and --all."""
        return any("--all" in parameter.opts for parameter in self.leaf.params)

    @property
    def is_repeated(self) -> bool:
        """Whether it takes --watch or --within."""
        return any({"--watch", "--within"} & {*parameter.opts} for parameter in self.leaf.params)


def valid(parameter: click.Parameter) -> str:
    if isinstance(parameter.type, click.Choice):
        return str(parameter.type.choices[0])
    name = parameter.type.name
    assert name in VALID, f"tests/tree.py: VALID has no {name}: add a value that {parameter.opts[0]} accepts"
    return VALID[name]


def families() -> dict[str, Family]:
    found = {name: import_module(entry.module).command for name, entry in TREE.items()}
    return {name: command for name, command in found.items() if isinstance(command, Family)}


def single() -> set[str]:
    """The names of the commands that belong to no family, but for `help`."""
    return {placed.name for placed in leaves() if len(placed.words) == 1} - {"help"}


@cache
def leaves() -> tuple[Placed, ...]:
    """Every leaf of the tree, `help` included."""
    return tuple(_walk(Root(), ()))


def _walk(group: click.Group, words: tuple[str, ...]) -> Iterator[Placed]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _walk(command, (*words, name))
        else:
            assert isinstance(command, Leaf), name
            yield Placed((*words, name), command)


def tried_options(placed: Placed) -> list[click.Option]:
    """Return the options to try with a leaf: the global ones, which are hidden and alike everywhere, with the first."""
    options = [parameter for parameter in placed.leaf.params if isinstance(parameter, click.Option)]
    return [option for option in options if LONG or not option.hidden or placed == leaves()[0]]
