"""Every request that the command can make is one that the API descriptions know."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import click
import httpx
import pytest

from tests.fake_server import problem
from tests.plane import descriptions
from tests.samples import ID
from tests.tree import Placed, leaves, valid

NOT_HTTP = {"help", "local", "signing"}
HTTP_LEAVES = [placed for placed in leaves() if placed.words[0] not in NOT_HTTP]
# What the least line with one further flag does not reach: another form of a value, an empty one.
FURTHER = [("domain", "get", ID), ("project", "update", ID, "--description", "d")]


def lines_of(placed: Placed) -> Iterator[tuple[str, ...]]:
    """Yield the least line of a leaf, and that line with each of its further flags."""
    agreed = ["--yes"] if placed.leaf.contract.destructive else []
    if placed.words[-1] != "update":  # it is refused where there is nothing to change
        yield (*placed.least, *agreed)
    for option in placed.leaf.params:
        if isinstance(option, click.Option) and not (option.hidden or option.required or option.name == "help"):
            value = [] if option.is_flag else [valid(option)]
            yield (*placed.least, *agreed, option.opts[0], *value)


@pytest.mark.parametrize("placed", HTTP_LEAVES, ids=lambda placed: placed.name)
def test_each_request_of_a_leaf_is_described(against, server, placed):
    for words in lines_of(placed):
        check(against, server, words)


@pytest.mark.parametrize("words", FURTHER, ids=" ".join)
def test_a_further_request_is_described(against, server, words):
    check(against, server, words)


def check(against, server, words):
    server.play(problem(418))
    server.requests.clear()
    assert against(*words).code == 1, words
    (sent,) = server.requests
    path, _, query = sent.target.partition("?")
    request = httpx.Request(sent.method, server.url + path, content=sent.body)
    for description in descriptions():
        description.check_request(request)
        unknown = dict(parse_qsl(query)).keys() - description.parameters(sent.method, path)
        assert unknown == set(), (
            f"{' '.join(words)}: describe this parameter in the operation's row, plexctl/local/http/"
        )
