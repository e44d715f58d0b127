"""The reference pages of the topics, with the tables of `plexctl help TOPIC`, and the index page."""

from collections.abc import Iterable

from tables import NONE, all_exit_codes, code, flag_table, table

from plexctl.command import Family, Leaf
from plexctl.failures import EXIT_CODES
from plexctl.options import ROOT_FLAGS, SIGNER_FLAGS
from plexctl.settings.environment import VARIABLES
from plexctl.topics import NAMES, OUTPUT_RULES


def exit_codes_page() -> str:
    """Write the exit-code table and the kinds of failure."""
    kinds = table(
        ("kind in an error document", "exit code"), ((code(kind), str(number)) for kind, number in EXIT_CODES.items())
    )
    return f"## The table\n\n{all_exit_codes()}\n## Kinds of failure\n\n{kinds}"


def environment_page() -> str:
    """Write the table of variables."""
    rows = ((code(row.name), code(row.flag) if row.flag else NONE, row.meaning) for row in VARIABLES)
    return "## Variables\n\n" + table(("variable", "flag", "meaning"), rows)


def output_page() -> str:
    """Write the rules of the output."""
    return "## The rules\n\n" + "".join(f"- {rule}\n" for rule in OUTPUT_RULES)


def flags_page() -> str:
    """Write the tables of global flags and of the signing commands' flags."""
    return (
        f"## Names in place of UUIDs\n\n{NAMES}\n\n"
        f"## Global flags\n\n{flag_table(ROOT_FLAGS)}\n## Flags of the signing commands\n\n{flag_table(SIGNER_FLAGS)}"
    )


def index_page(leaves: Iterable[Leaf], families: Iterable[Family]) -> str:
    """Write the table of all commands, those without a family first."""
    single = ((f"[{code(leaf.name or '')}]({leaf.name}.md#plexctl-{leaf.name})", leaf.summary) for leaf in leaves)
    rows = (
        (f"[{code(f'{family.name} {leaf.name}')}]({family.name}.md#plexctl-{family.name}-{leaf.name})", leaf.summary)
        for family in families
        for leaf in family.commands.values()
        if isinstance(leaf, Leaf)
    )
    return "## Every command\n\n" + table(("command", "what it does"), (*single, *rows))
