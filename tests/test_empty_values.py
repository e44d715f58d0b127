"""An empty value is a slip of a shell script: refused where it is typed, and unset where it is a variable's."""

import click
import pytest

from plexctl import values
from plexctl.settings.environment import VARIABLES
from tests.each import each
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, LIST, SIGNING_CLOSE
from tests.tree import leaves, tried_options


def flags(placed):
    """The names of each flag that has a value which may not be empty."""
    options = [option for option in tried_options(placed) if not option.is_flag]
    return [option.opts for option in options if option.type is not values.DESCRIPTION]


@each("placed", leaves())
def test_an_empty_value_of_a_flag_is_refused(against, server, placed):
    assert flags(placed) or placed != leaves()[0]
    for names in flags(placed):
        for words in [[names[0], ""], *([f"{name}="] for name in names if name.startswith("--"))]:
            outcome = against(placed.least, *words)
            assert (outcome.code, outcome.stdout) == (2, ""), words
            assert outcome.stderr.startswith(f"plexctl: {placed.name}: {max(names, key=len)}: '' ")
            assert outcome.stderr.endswith(f" (try 'plexctl {placed.name} --help')\n")
    assert server.requests == []


@each("placed", leaves())
def test_an_empty_argument_is_refused(against, server, placed):
    arguments = [parameter for parameter in placed.leaf.params if isinstance(parameter, click.Argument)]
    outcome = against(f"{placed.least} ''") if not arguments else against(placed.name, *[""] * len(arguments))
    assert (outcome.code, outcome.stdout) == (2, "")
    assert server.requests == []


@pytest.mark.parametrize(
    ("flag", "line"),
    [
        ("--cursor", "'' is not a cursor"),
        ("--token-file", "'' is not a path"),
        ("--ca-file", "'' is not a path"),
        ("--profile", "'' is not a name"),
        ("--limit", "'' is not a whole number from 0 (the server's default) to 999999999"),
    ],
)
def test_the_line_says_what_it_is_not(against, flag, line):
    assert f"{flag}: {line}; a variable is probably unset (try" in against(f"{LIST} {flag} ''").stderr


@pytest.mark.parametrize("name", [name for variable in VARIABLES for name in variable.name.split(", ")])
def test_an_empty_variable_counts_as_unset(against, server, name):
    server.play(answer(200, EMPTY_PAGE))
    url = [] if name != "PLEXSPHERE_URL" else ["--server", server.url]
    unset, empty = dict(against.environment), {**against.environment, name: ""}
    unset.pop(name, None)
    outcomes = []
    for against.environment in (unset, empty):
        outcomes.append(against(LIST, *url))
        outcomes.append(against(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:1 --timeout 5s"))
    listing, signing, *rest = [(outcome.code, outcome.stdout, outcome.stderr[:40]) for outcome in outcomes]
    assert [listing, signing] == rest
