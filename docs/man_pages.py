"""Manual pages (man 7 man), generated from the command tree: one per command, and one for plexctl itself."""

from collections.abc import Iterable, Iterator, Sequence

import click

from plexctl.command import Family, Leaf
from plexctl.exit_codes import exit_table
from plexctl.options import ROOT_FLAGS
from plexctl.settings.environment import VARIABLES
from plexctl.topics import ROOT_EXAMPLES, ROOT_EXPLANATION, ROOT_SUMMARY
from plexctl.tree import TREE
from plexctl.version import VERSION


def man_pages(families: Iterable[Family], singles: Iterable[Leaf]) -> Iterator[tuple[str, str]]:
    """Yield the file name of each page and its text."""
    leaves = [(f"{family.name} {leaf.name}", leaf) for family in families for leaf in _leaves(family)]
    leaves += [(leaf.name or "", leaf) for leaf in singles]
    yield "plexctl.1", _root([name for name, _ in leaves])
    for name, leaf in leaves:
        yield f"plexctl-{name.replace(' ', '-')}.1", _leaf(name, leaf)


def _leaves(family: Family) -> list[Leaf]:
    return [leaf for leaf in family.commands.values() if isinstance(leaf, Leaf)]


def _root(names: Sequence[str]) -> str:
    flags = [(", ".join(flag.names) + f" {flag.metavar}".rstrip(), flag.help) for flag in ROOT_FLAGS]
    codes = [(str(row.code), row.meaning) for row in exit_table()]
    return "".join(
        (
            _head("plexctl", ROOT_SUMMARY),
            _section("SYNOPSIS", _literal(["plexctl [flags] COMMAND [flags]"])),
            _section("DESCRIPTION", _prose(ROOT_EXPLANATION)),
            _section("EXAMPLES", _literal(ROOT_EXAMPLES)),
            _section("COMMANDS", _definitions((name, entry.summary) for name, entry in TREE.items())),
            _section("FLAGS", _definitions(flags)),
            _section("ENVIRONMENT", _definitions((variable.name, variable.meaning) for variable in VARIABLES)),
            _section("EXIT STATUS", _definitions(codes)),
            _section("SEE ALSO", _references(names)),
        )
    )


def _leaf(name: str, leaf: Leaf) -> str:
    context = click.Context(leaf, info_name=f"plexctl {name}")
    synopsis = f"plexctl {name} {' '.join(leaf.collect_usage_pieces(context))}"
    options = [each for each in leaf.params if isinstance(each, click.Option) and not each.hidden]
    records = [record for each in options if (record := each.get_help_record(context))]
    arguments = [(each.metavar or "", each.help or "") for each in leaf.params if isinstance(each, click.Argument)]
    codes = [(str(row.code), row.meaning) for row in exit_table() if row.code in leaf.contract.exit_codes]
    return "".join(
        (
            _head(f"plexctl-{name.replace(' ', '-')}", leaf.summary),
            _section("SYNOPSIS", _literal([synopsis])),
            _section("DESCRIPTION", _prose(leaf.help or f"{leaf.summary}.")),
            _section("EXAMPLES", _literal(leaf.contract.examples)),
            _section("ARGUMENTS AND FLAGS", _definitions([*arguments, *records])),
            _section("EXIT STATUS", _definitions(codes)),
            _section("SEE ALSO", _references([""])),
        )
    )


def _head(name: str, summary: str) -> str:
    start = f"{summary[:1].lower()}{summary[1:]}"
    return f'.TH {name.upper()} 1 "" "plexctl {VERSION}" "plexctl"\n.SH NAME\n{_text(name)} \\- {_text(start)}\n'


def _section(title: str, content: str) -> str:
    return f".SH {title}\n{content}" if content else ""


def _prose(text: str) -> str:
    return ".PP\n".join(f"{_text(' '.join(paragraph.split()))}\n" for paragraph in text.split("\n\n"))


def _literal(lines: Iterable[str]) -> str:
    return "".join(f".PP\n.nf\n.RS\n{chr(10).join(map(_text, line.splitlines()))}\n.RE\n.fi\n" for line in lines)


def _definitions(rows: Iterable[tuple[str, str]]) -> str:
    return "".join(f".TP\n.B {_text(term)}\n{_text(' '.join(meaning.split()))}\n" for term, meaning in rows)


def _references(names: Iterable[str]) -> str:
    pages = [f"plexctl-{name.replace(' ', '-')}" if name else "plexctl" for name in names]
    return ",\n".join(f"\\fB{_text(page)}\\fR(1)" for page in pages) + "\n"


def _text(text: str) -> str:
    """Escape what troff acts on: backslashes, hyphens that are typed as such, and a control character at the start."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
