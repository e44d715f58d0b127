"""help: the explanation of a topic or a command."""

import click

from plexctl.command import Contract, make_leaf
from plexctl.help_page import HelpContext
from plexctl.invocation import Invocation
from plexctl.topics import TOPICS
from plexctl.tree import TREE


def explain(run: Invocation, words: tuple[str, ...]) -> None:
    """Without a word it explains plexctl; with a topic or a command's name, that."""
    root = click.get_current_context().find_root()
    topic = TOPICS.get(words[0]) if len(words) == 1 else None
    if topic:
        formatter = root.make_formatter()
        topic.write(formatter)
        run.write(formatter.getvalue().rstrip("\n") + "\n")
    else:
        run.write(f"{_context_of(words, root).get_help()}\n")


def _context_of(words: tuple[str, ...], context: click.Context) -> click.Context:
    """Return the context of the command that the words name.

    Raises: click.exceptions.NoSuchCommand.
    """
    for word in words:
        group = context.command
        found = group.get_command(context, word) if isinstance(group, click.Group) else None
        if found is None:
            names = group.list_commands(context) if isinstance(group, click.Group) else []
            topics = TOPICS if len(words) == 1 else ()
            raise click.exceptions.NoSuchCommand(word, possibilities=[*names, *topics], ctx=context)
        context = HelpContext(found, info_name=word, parent=context)
    return context


command = make_leaf(
    "help",
    TREE["help"].summary,
    Contract(
        examples=("plexctl help exit-codes", "plexctl help peer list"),
        exit_codes=(0, 2),
        reads_settings=False,
    ),
    click.argument("words", nargs=-1, metavar="[TOPIC | COMMAND...]")(explain),
)
