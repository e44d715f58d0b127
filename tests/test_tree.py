"""Rules that every command of the tree keeps, whatever it does."""

import inspect
import re
import subprocess
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import click
import pytest

from plexctl import commands
from plexctl.command import Family, Leaf, Root
from plexctl.document_fields import document_class, fields_of
from plexctl.exit_codes import exit_table
from plexctl.invocation import Invocation
from plexctl.options import GLOBAL_FLAGS, SIGNER_FLAGS, global_options
from plexctl.outcome import PROGRAM
from plexctl.settings.environment import Environment
from plexctl.topics import ROOT_EXAMPLES
from plexctl.tree import TREE
from tests.each import each
from tests.tree import VALID, families, leaves

IMPERATIVE = re.compile(r"(?!The\b|An?\b|This\b|It\b)[A-Z][a-z]*(?<!ing)(?<![^s]s)\b")
LEAVES = [pytest.param(placed, id=placed.name) for placed in leaves()]
PAYLOAD_LEAVES = [pytest.param(placed, id=placed.name) for placed in leaves() if placed.leaf.contract.columns]
SUMMARIES = {placed.name: placed.leaf.summary for placed in leaves()} | {
    name: entry.summary for name, entry in TREE.items()
}


def own_options(leaf: Leaf) -> list[click.Option]:
    """A leaf's options but for the global ones, which are hidden, and the signer's."""
    signer = {flag.names[0] for flag in SIGNER_FLAGS}
    options = [option for option in leaf.params if isinstance(option, click.Option)]
    return [option for option in options if not option.hidden and option.opts[0] not in signer]


def test_every_command_module_has_an_entry():
    entries = {entry.module for entry in TREE.values()}
    for path in Path(commands.__path__[0]).glob("*.py"):
        if re.search(r"^command\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert f"plexctl.commands.{path.stem}" in entries, f"plexctl/tree.py: TREE has no entry for {path.name}"


@each("name", TREE)
def test_an_entry_imports_and_its_command_has_its_name(name):
    assert import_module(TREE[name].module).command.name == name


def test_the_root_is_no_family():
    assert not isinstance(Root(), Family)


@each("name", SUMMARIES)
def test_a_summary_is_one_short_imperative_phrase(name):
    summary = SUMMARIES[name]
    assert IMPERATIVE.match(summary), f"{name}: {summary!r} does not begin with a verb, as in List, Show, Create"
    assert len(summary) <= 60
    assert not summary.endswith(".")
    assert "\n" not in summary


@pytest.mark.parametrize("placed", LEAVES)
def test_examples_parse(placed):
    assert placed.leaf.contract.examples
    for example in placed.leaf.contract.examples:
        found = calls(example)
        assert any(words[: len(placed.words)] == list(placed.words) for words in found), example
        assert all(parses(words) for words in found), example


@pytest.mark.parametrize("example", ROOT_EXAMPLES)
def test_the_examples_of_the_root_parse(example):
    assert [parses(words) for words in calls(example)] == [True]


def calls(example: str) -> list[list[str]]:
    """Have a shell run an example, and tell the words of each plexctl that it started."""
    stand_ins = r'plexctl() { words=$(printf "%s\037" "$@"); printf "%s\n" "$words" >&3; }; jq() { :; }'
    variables = dict.fromkeys(re.findall(r"\$([A-Z_]+)", example), VALID["UUID"])
    done = subprocess.run(
        ["sh", "-c", f"exec 3>&1 >/dev/null 2>&1; {stand_ins}; {example}"],
        env=variables, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    return [line.split("\x1f")[:-1] for line in done.stdout.splitlines()]


def parses(words: list[str]) -> bool:
    """Parse as the command itself does, and tell whether a leaf was reached."""
    context = Root().make_context(PROGRAM, words, obj=Invocation(Environment({})))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])
        assert command
        context = command.make_context(name, rest, parent=context)
    return isinstance(context.command, Leaf)


@each("placed", LEAVES)
def test_exit_codes_are_rows_of_the_table(placed):
    codes = placed.leaf.contract.exit_codes
    assert {0, 2} <= set(codes) <= {row.code for row in exit_table()}
    assert list(codes) == sorted(codes)


@each("placed", PAYLOAD_LEAVES)
def test_columns_are_upper_case_and_distinct(placed):
    contract = placed.leaf.contract
    for columns in filter(None, (contract.columns, contract.preview_columns)):
        headers = [column.header for column in columns]
        assert all(re.fullmatch(r"[A-Z][A-Z_]*", header) for header in headers)
        assert len(set(headers)) == len(headers)


@each("placed", PAYLOAD_LEAVES)
def test_a_leaf_with_columns_says_what_its_document_holds(placed):
    contract = placed.leaf.contract
    assert contract.document
    assert bool(contract.preview_columns) == bool(contract.preview_document)


@each("placed", LEAVES)
def test_a_document_that_a_contract_names_has_fields_with_a_meaning(placed):
    contract = placed.leaf.contract
    for name in filter(None, (contract.document, contract.preview_document)):
        assert all(field.meaning for field in fields_of(document_class(name)))


@each("placed", LEAVES)
def test_no_leaf_reuses_a_global_flag(placed):
    taken = {"--help", *(name for option in global_options() for name in option.opts)}
    published = {"--output"} if placed.name == "support bundle" else set()  # there it is the path of the archive
    assert {name for option in own_options(placed.leaf) for name in option.opts} & taken == published


@each("placed", LEAVES)
def test_every_global_flag_is_taken_by_every_leaf(placed):
    taken = {name for parameter in placed.leaf.params for name in parameter.opts}
    assert {name for flag in GLOBAL_FLAGS for name in flag.names} < taken


def test_an_option_of_several_leaves_has_one_help_text():
    texts = defaultdict(set)
    for placed in leaves():
        for option in own_options(placed.leaf):
            texts[option.opts[-1], option.required].add((option.help, option.type.name))
    # a description and a sub-range are given when something is made, and replaced later; two things have a kind; a
    # Domain filters a list, and elsewhere says where a slug is looked up; the slug of a Project is unique in its Domain
    # only; a fleet's interval is between heartbeats; what is waited for differs
    several = {name: found for (name, _), found in texts.items() if len(found) > 1}
    assert set(several) <= {"--description", "--sub-range", "--kind", "--domain", "--slug", "--interval", "--wait"}


@each("placed", LEAVES)
def test_every_option_and_argument_is_explained_in_a_sentence(placed):
    for parameter in [*own_options(placed.leaf), *(p for p in placed.leaf.params if isinstance(p, click.Argument))]:
        if placed.name != "help":
            assert re.fullmatch(r"[A-Zp].*\.", parameter.help or ""), parameter.opts


@each("placed", LEAVES)
def test_a_leaf_has_no_flag_twice(placed):
    names = [name for parameter in placed.leaf.params for name in parameter.opts]
    assert len(set(names)) == len(names)


@each("placed", LEAVES)
def test_a_docstring_is_the_leafs_help(placed):
    assert (placed.leaf.help or "") == inspect.cleandoc(placed.leaf.callback.__doc__ or "")


@each("name", families())
def test_a_family_introduces_itself_in_full_sentences(name):
    assert re.fullmatch(r"(?s)[A-Z].*\.", families()[name].help or "")
