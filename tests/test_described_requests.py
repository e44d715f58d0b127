"""Every request that the command can make is one that the API descriptions know."""

import shlex
from collections.abc import Iterator
from urllib.parse import parse_qsl

import click
import httpx
import pytest

from plexctl import values
from tests.each import each
from tests.fake_server import problem
from tests.plane import descriptions
from tests.samples import ID
from tests.tree import Placed, leaves, valid

API_TOKEN = f"psk_dev_{'a' * 26}_secretsecret"  # which `logout` acts on
# A request of one's own, and a command that sends several, are tried elsewhere.
NOT_HTTP = {"help", "local", "signing", "config", "completion", "api", "support"}
HTTP_LEAVES = [placed for placed in leaves() if placed.words[0] not in NOT_HTTP]
# What the least line with one further flag does not reach: another form of a value, an empty one.
POLICY = "--heartbeat-interval 30s --stale-after 90s --unreachable-after 5m"
FURTHER = [
    "domain get acme-corp",
    f"project get edge-fleet --domain {ID}",
    "node get edge-router-001",
    f"project update {ID} --description ''",
    f"domain update {ID} {POLICY}",
    f"peer wait --domain {ID} --within 10s",
    f"domain create --slug delta --display-name Delta --mesh-cidr 10.60.0.0/16 {POLICY}",
]
# Flags that are nothing by themselves: one of the three of a policy, how to wait or watch, and where to look up a name.
NOT_ALONE = {"heartbeat_interval", "stale_after", "unreachable_after", "interval", "within"}


def lines_of(placed: Placed) -> Iterator[str]:
    """Yield the least line of a leaf, and that line with each of its further flags."""
    agreed = " --yes" if placed.leaf.contract.destructive else ""
    if placed.words[-1] != "update":  # it is refused where there is nothing to change
        yield placed.least + agreed
    for option in placed.leaf.params:
        if isinstance(option, click.Option) and not (option.hidden or option.required or _is_nothing_alone(option)):
            value = "" if option.is_flag else shlex.quote(valid(option))
            yield f"{placed.least}{agreed} {option.opts[0]} {value}"


def _is_nothing_alone(option: click.Option) -> bool:
    return option.name in NOT_ALONE | {"help"} or option.type is values.DOMAIN_SCOPE


@each("placed", HTTP_LEAVES)
def test_each_request_of_a_leaf_is_described(against, server, placed):
    against.configure({"profiles": {"default": {"server": server.url, "token": API_TOKEN}, "a-name": {}}})
    for line in lines_of(placed):
        check(against, server, line)


@pytest.mark.parametrize("line", FURTHER)
def test_a_further_request_is_described(against, server, line):
    check(against, server, line)


def check(against, server, line):
    server.play(problem(418))
    server.requests.clear()
    assert against(line).code == 1, line
    (sent,) = server.requests
    path, _, query = sent.target.partition("?")
    request = httpx.Request(sent.method, server.url + path, content=sent.body)
    for description in descriptions():
        description.check_request(request)
        unknown = dict(parse_qsl(query)).keys() - description.parameters(sent.method, path)
        assert unknown == set(), f"{line}: describe this parameter in the operation's row, plexctl/local/http/"
