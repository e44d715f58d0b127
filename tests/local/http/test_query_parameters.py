"""Every query parameter of every operation, with values that are taken and values that are refused."""

import re
from typing import Any, NamedTuple

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.http import app
from plexctl.local.http.parameters import DOMAIN_FILTER, LIMIT
from tests.each import each
from tests.plane import LivePlane, refused, running

NIL = "00000000-0000-0000-0000-000000000000"


class Example(NamedTuple):
    taken: tuple[str, ...]
    refused: tuple[str, ...]


EXAMPLES = {
    "limit": Example(("1", "200"), ("0", "201", "", "x", "1.0", "-1")),
    "cursor": Example((), ("", "x", "é")),  # what is taken is what a list hands out: see the test below
    "scope": Example(("platform",), ("", "domain", "Platform")),
    "domain_id": Example((uuid7(), uuid7().upper()), ("acme-corp", "", NIL)),
}


class Populated(LivePlane):
    project_id: str


PAGED = [row for row in app.operations() if LIMIT in row.query]
USES = [(row, parameter) for row in app.operations() for parameter in row.query]


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    """Two of whatever can be listed."""
    with running(Populated, tmp_path_factory.mktemp("plane")) as live:
        live.project_id = live.project()
        live.project("second")
        for _ in range(2):
            live.enrol(live.project_id)
        yield live


def test_every_parameter_has_an_example():
    missing = [
        f"{row.name}: {used.name} has no example in {__file__}" for row, used in USES if used.name not in EXAMPLES
    ]
    assert missing == []


def _get(plane, row, **query: Any):
    return plane.admin.request(row.method, re.sub(r"{\w+}", plane.project_id, row.path), params=query)


@each(("row", "parameter"), USES)
def test_each_parameter_takes_and_refuses_what_it_says(plane, row, parameter):
    for value in EXAMPLES[parameter.name].taken:
        assert _get(plane, row, **{parameter.name: value}).status_code == 200
    for value in EXAMPLES[parameter.name].refused:
        refused(_get(plane, row, **{parameter.name: value}), 400, parameter.refusals[0].code)


@pytest.mark.parametrize("row", PAGED, ids=lambda row: row.name)
def test_a_list_goes_on_where_its_cursor_says(plane, row):
    first = _get(plane, row, limit=1).json()
    second = _get(plane, row, limit=1, cursor=first["next_cursor"]).json()
    assert len(first["items"]) == len(second["items"]) == 1
    assert first["items"] != second["items"]


@pytest.mark.parametrize("row", [row for row in PAGED if DOMAIN_FILTER in row.query], ids=lambda row: row.name)
def test_a_filter_keeps_one_domain_however_its_id_is_written(plane, row):
    domain_id = plane.domain_id()
    for written in (domain_id, domain_id.upper()):
        items = _get(plane, row, domain_id=written).json()["items"]
        assert {item["domain_id"] for item in items} == {domain_id}
    assert _get(plane, row, domain_id=plane.domain_id("beta-llc")).json() == {"items": []}
