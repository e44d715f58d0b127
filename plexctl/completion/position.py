"""Where the cursor stands in a command line: what has been typed before it decides what may stand there."""

from collections.abc import Sequence
from typing import NamedTuple

import click


class Position(NamedTuple):
    """The command reached, what of it was given, and what is being typed.

    `value_of` is the parameter whose value is being typed, and `prefix` what of the word stands before that value.
    `given` has the values of the options, by their keys; a switch has an empty one. `arguments` are the words before
    that are no options.
    """

    command: click.Command
    given: dict[str, str]
    text: str
    value_of: click.Parameter | None = None
    prefix: str = ""
    is_option: bool = False
    arguments: Sequence[str] = ()


def find(root: click.Group, context: click.Context, words: Sequence[str]) -> Position | None:
    """Walk the words before the cursor, the last of which is being typed; None where no command has them."""
    *before, current = words or [""]
    walk = _Walk(root, context)
    for word in before:
        walk.take(word)
    if walk.command is None:
        return None
    if walk.waiting is not None:
        return Position(walk.command, walk.given, current, walk.waiting)
    if current.startswith("-") and not walk.only_arguments:
        return _at_option(walk.command, walk.given, current)
    argument = _argument(walk.command, len(walk.arguments))
    return Position(walk.command, walk.given, current, argument, arguments=walk.arguments)


class _Walk:
    """What the words so far amount to: the command, its options, and the option that still waits for its value."""

    def __init__(self, root: click.Group, context: click.Context) -> None:
        self.command: click.Command | None = root
        self.given: dict[str, str] = {}
        self.waiting: click.Option | None = None
        self.arguments: list[str] = []
        self.only_arguments = False
        self._context = context

    def take(self, word: str) -> None:
        if self.waiting is not None:
            self.given[_key(self.waiting)], self.waiting = word, None
        elif word == "--" and not self.only_arguments:
            self.only_arguments = True
        elif word.startswith("-") and len(word) > 1 and not self.only_arguments:
            self._take_option(word)
        elif isinstance(self.command, click.Group):
            self.command = self.command.get_command(self._context, word)
        else:
            self.arguments.append(word)

    def _take_option(self, word: str) -> None:
        option, value = _split(self.command, word) if self.command else (None, None)
        if option and (option.is_flag or value is not None):
            self.given[_key(option)] = value or ""
        else:
            self.waiting = option


def _at_option(command: click.Command, given: dict[str, str], word: str) -> Position:
    option, value = _split(command, word)
    if option is None or option.is_flag or value is None:
        return Position(command, given, word, is_option=True)
    return Position(command, given, value, option, word.removesuffix(value))


def _split(command: click.Command, word: str) -> tuple[click.Option | None, str | None]:
    """Return the option that a word names, and the value that the word has for it: --a=b, -ab, -a=b, and -va."""
    options = {name: each for each in command.params if isinstance(each, click.Option) for name in each.opts}
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return options.get(name), value if equals else None
    for index, letter in enumerate(word[1:], start=1):
        option = options.get(f"-{letter}")
        if option is None or not option.is_flag:
            rest = word[index + 1 :].removeprefix("=") if option else ""
            return option, rest if len(word) > index + 1 else None
    return options.get(f"-{word[-1]}"), None


def _argument(command: click.Command, index: int) -> click.Argument | None:
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    if index < len(arguments):
        return arguments[index]
    return arguments[-1] if arguments and arguments[-1].nargs == -1 else None


def _key(option: click.Option) -> str:
    """Return an option's longest name, without its hyphens."""
    return max(option.opts, key=len).lstrip("-")
