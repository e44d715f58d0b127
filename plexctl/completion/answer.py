"""The words that may follow those of a command line."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from plexctl import values
from plexctl.command import Leaf
from plexctl.completion.position import Position, find
from plexctl.failures import Failure

if TYPE_CHECKING:
    from plexctl.invocation import Invocation

FILES = "\t"  # asks the shell for the names of files


class Candidate(NamedTuple):
    """A word that may follow, and what it means."""

    word: str
    help: str = ""


def answer(root: click.Group, words: Sequence[str], run: "Invocation") -> str:
    """Return the candidates for the last word, each on a line with its explanation behind a tab.

    It reports no failures, since a shell has no place to show them.
    """
    context = click.Context(root, obj=run, resilient_parsing=True)
    position = find(root, context, words)
    if position is None:
        return ""
    if position.value_of is not None and _is_file(position.value_of):
        return f"{FILES}\n"
    try:
        found = list(_candidates(position, context, run))
    except Failure:  # of the settings
        return ""
    lines = [
        (f"{position.prefix}{each.word}", each.help)
        for each in found
        if each.word.startswith(position.text) and each.word.isprintable()
    ]
    return "".join(f"{word}\t{_in_one_line(text)}\n" for word, text in lines)


def _candidates(position: Position, context: click.Context, run: "Invocation") -> Iterator[Candidate]:
    if position.is_option:
        yield from _options(position.command, position.given)
    elif position.value_of is not None:
        yield from _values(position.value_of, position, context, run)
    elif isinstance(position.command, click.Group):
        yield from _commands(position.command, context)


def _options(command: click.Command, given: dict[str, str]) -> Iterator[Candidate]:
    """Yield the options that were not given, the required ones first, and the global ones last."""
    context = click.Context(command, resilient_parsing=True)
    options = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    for option in sorted(options, key=lambda each: (each.hidden, not each.required)):
        name = max(option.opts, key=len)
        if option.multiple or name.lstrip("-") not in given:
            yield Candidate(name, option.help or "")


def _commands(group: click.Group, context: click.Context) -> Iterator[Candidate]:
    from plexctl.tree import TREE

    for name in group.list_commands(context):
        if group is context.command:
            yield Candidate(name, TREE[name].summary)
        else:
            found = group.get_command(context, name)
            yield Candidate(name, (found.short_help or "") if found else "")


def _values(
    parameter: click.Parameter, position: Position, context: click.Context, run: "Invocation"
) -> Iterator[Candidate]:
    kind = parameter.type
    if isinstance(kind, click.Choice):
        yield from map(Candidate, kind.choices)
    elif kind is values.SHELL:
        from plexctl.completion.scripts import SCRIPTS

        yield from map(Candidate, SCRIPTS)
    elif kind is values.PROFILE:
        yield from map(Candidate, sorted(run.settings.profiles.all))
    elif parameter.name == "words":  # of help
        yield from _explained(position.arguments, context)
    elif isinstance(position.command, Leaf) and (isinstance(kind, values.Reference) or parameter.name == "token_id"):
        from plexctl.completion.live import names

        noun = kind.noun if isinstance(kind, values.Reference) else "token"
        yield from (Candidate(*found) for found in names(noun, position.command, position.given, run))


def _explained(before: Sequence[str], context: click.Context) -> Iterator[Candidate]:
    """Yield what `help` explains: topics and commands, or the commands of the family that was typed before."""
    from plexctl.topics import TOPICS

    if not before:
        yield from (Candidate(name, topic.summary) for name, topic in TOPICS.items())
    command: click.Command | None = context.command
    for word in before:
        command = command.get_command(context, word) if isinstance(command, click.Group) else None
    yield from _commands(command, context) if isinstance(command, click.Group) else ()


def _is_file(parameter: click.Parameter) -> bool:
    return parameter.type.name in {"PATH", "FILE", "DIR"} and parameter.type is not values.API_PATH


def _in_one_line(text: str) -> str:
    line = " ".join(text.split())
    if line.isprintable():
        return line
    from plexctl.render.text import visible

    return visible(line)
