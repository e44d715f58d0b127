"""Help: on stdout, exit 0, examples before usage, whatever is asked and however."""

import re

import click
import pytest

from plexctl.command import Root
from plexctl.exit_codes import NEVER, exit_table
from plexctl.options import GLOBAL_FLAGS, ROOT_FLAGS, SIGNER_FLAGS
from plexctl.settings.environment import VARIABLES
from plexctl.topics import TOPICS
from plexctl.tree import TREE
from tests.each import each
from tests.failure_checks import MEMBERS
from tests.pages import ROOT
from tests.tree import families, leaves

FLAG_PAGES = ("reference/flags.md", "man/plexctl.1")
LEAVES = [pytest.param(placed, id=placed.name) for placed in leaves()]


def helped(outcome) -> str:
    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout.endswith("\n")
    assert not any(line != line.rstrip() for line in outcome.stdout.splitlines())
    return outcome.stdout


@each("placed", LEAVES)
def test_a_leaf_explains_itself(plexctl, placed):
    page = helped(plexctl(f"{placed.name} --help"))
    assert page.startswith(f"{placed.leaf.summary}.\n")
    usage = f"\nUsage:\n  plexctl {placed.name} "
    parts = ["\nExamples:\n", *placed.leaf.contract.examples, usage, "\nFlags:\n", "\nExit codes: "]
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert f"Exit codes: {', '.join(map(str, placed.leaf.contract.exit_codes))}; see 'plexctl help exit-codes'" in page


@each("placed", LEAVES)
def test_a_leafs_help_hides_the_global_flags_but_for_one_line(plexctl, placed):
    page = helped(plexctl(f"{placed.name} --help"))
    assert page.endswith("Global flags, such as --server and --output: see 'plexctl help flags'.\n")
    own = {"--output"} if placed.name == "support bundle" else set()
    hidden = {flag.names[0] for flag in GLOBAL_FLAGS} - own
    assert not hidden & {line.split()[0] for line in page.splitlines() if line.strip()}


@each("placed", LEAVES)
def test_the_usage_line_holds_what_is_required(plexctl, placed):
    usage = helped(plexctl(f"{placed.name} --help")).partition("\nUsage:\n")[2].splitlines()[0]
    assert all(
        parameter.opts[0] in usage or parameter.metavar in usage
        for parameter in placed.leaf.params
        if parameter.required
    )


@each("name", families())
def test_a_bare_family_prints_its_help(plexctl, name):
    page = helped(plexctl(name))
    assert page == helped(plexctl(f"{name} --help")) == helped(plexctl(f"help {name}"))
    own = [placed for placed in leaves() if placed.words[0] == name]
    assert all(f"  {placed.words[1]} " in page and placed.leaf.summary in page for placed in own)
    assert page.index("\nExamples:\n") < page.index("\nUsage:\n") < page.index("\nCommands:\n")


def test_the_help_of_a_signing_rotation_says_that_nothing_ends_by_itself(plexctl):
    page = " ".join(helped(plexctl("signing rotate --help")).split())
    assert "Nothing happens by itself at that time: the rotation stays open until you close it" in page


def test_the_bare_root_prints_its_help(plexctl):
    page = helped(plexctl())
    assert page == helped(plexctl("--help")) == helped(plexctl("help"))
    assert all(name in page and entry.summary in page for name, entry in TREE.items())
    assert all(f"plexctl help {name}" in page for name in TOPICS)
    assert all(flag.names[0] in page for flag in GLOBAL_FLAGS)
    headings = [page.index(f"\n{heading}:\n") for heading in ("Examples", "Usage", "Commands", "Flags", "Topics")]
    assert headings == sorted(headings)


@each("placed", LEAVES)
def test_help_of_a_command_is_the_commands_help(plexctl, placed):
    if placed.name in TOPICS:
        return  # the topic says more than its command
    assert helped(plexctl(f"help {placed.name}")) == helped(plexctl(f"{placed.name} --help"))


def test_global_flags_do_not_turn_help_into_something_else(plexctl):
    page = helped(plexctl("peer list --help"))
    assert helped(plexctl("-o json peer list --help")) == page
    assert helped(plexctl("--server http://localhost:1 peer list --domain x --help")) == page
    assert helped(plexctl("peer --output yaml")) == helped(plexctl("peer"))


def test_help_needs_no_usable_setting(plexctl):
    plexctl.configure("{ broken")
    settings = {"PLEXSPHERE_OUTPUT": "xml", "PLEXSPHERE_URL": "nonsense", "PLEXSPHERE_PROFILE": "nobody"}
    assert helped(plexctl("peer list --help", **settings)) == helped(plexctl("peer list --help"))
    assert helped(plexctl(**settings)) == helped(plexctl())


def test_the_topic_exit_codes_shows_every_row(plexctl):
    page = " ".join(helped(plexctl("help exit-codes")).split())
    for row in exit_table():
        assert f"{row.code} {row.meaning}:" in page
        causes = zip(("HTTP", "gRPC", "local"), (row.http, row.grpc, row.local), strict=True)
        assert all((f" {way} {cause} " in f"{page} ") == (cause != NEVER) for way, cause in causes)


def test_the_topic_environment_shows_every_variable(plexctl):
    page = " ".join(helped(plexctl("help environment")).split())
    assert all(f"{variable.name} {variable.meaning}" in page for variable in VARIABLES)


def test_the_topic_flags_shows_every_flag(plexctl):
    page = " ".join(helped(plexctl("help flags")).split())
    assert all(name in page and flag.help in page for flag in (*ROOT_FLAGS, *SIGNER_FLAGS) for name in flag.names)


def test_the_topic_and_the_pages_of_flags_have_every_flag_of_the_root(plexctl):
    context = click.Context(Root(), help_option_names=["-h", "--help"])
    options = [each for each in context.command.get_params(context) if isinstance(each, click.Option)]
    names = {name for option in options for name in option.opts}
    pages = [helped(plexctl("help flags")), *((ROOT / "docs" / path).read_text() for path in FLAG_PAGES)]
    assert all(names <= set(re.findall(r"--?[a-z][a-z-]*", page.replace("\\-", "-"))) for page in pages)


def test_the_topic_output_names_the_members_of_an_error(plexctl):
    page = helped(plexctl("help output"))
    assert all(f'"{member}"' in page for member in MEMBERS)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("exit-cods", "'exit-cods' is not a command; did you mean exit-codes? (try 'plexctl --help')"),
        ("pere", "'pere' is not a command; did you mean peer? (try 'plexctl --help')"),
        ("peer lits", "peer: 'lits' is not a command; did you mean list? (try 'plexctl peer --help')"),
        ("peer list x", "peer list: 'x' is not a command (try 'plexctl peer list --help')"),
        ("flags x", "'flags' is not a command (try 'plexctl --help')"),
    ],
)
def test_an_unknown_topic_or_command_is_refused_with_the_nearest(plexctl, words, line):
    assert plexctl(f"help {words}") == (2, "", f"plexctl: {line}\n")


@pytest.mark.parametrize(("columns", "widest"), [("20", 50), ("60", 58), ("80", 78), ("200", 78), ("0", 78), ("x", 78)])
def test_prose_is_as_wide_as_the_terminal_and_stays_readable(plexctl, columns, widest):
    page = helped(plexctl("help output", COLUMNS=columns))
    assert widest - 15 < max(len(line) for line in page.splitlines()) <= widest
