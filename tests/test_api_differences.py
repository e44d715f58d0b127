"""The page of differences from the published description is complete: each one that a machine can find stands there."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml

from plexctl.local.http import app, openapi
from tests import published
from tests.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "api-differences.md").read_text(encoding="utf-8")
# Of every operation, since HTTP and a storage that fails have them: the page says so once.
OF_EVERY_OPERATION = {408, 415, 503}
METHODS = {"get", "post", "put", "patch", "delete"}


class Difference(NamedTuple):
    operation: str
    code: str


@pytest.fixture(scope="module")
def public() -> dict[str, dict[str, Any]]:
    """Each published operation by its name."""
    published.require()
    document = yaml.load(published.API.read_text(encoding="utf-8"), yaml.CSafeLoader)
    items = document["paths"].values()
    return {
        operation["operationId"]: operation for item in items for method, operation in item.items() if method in METHODS
    }


def listed(heading: str) -> Iterator[list[str]]:
    """Yield the words in backticks of each row of the table under a heading, those of its first two cells."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert part, heading
    for line in part.splitlines():
        if line.startswith("| `"):
            yield [word for cell in line.strip("| ").split(" | ")[:2] for word in re.findall(r"`([^`]+)`", cell)]


def differences(heading: str) -> set[Difference]:
    return {Difference(operation, code) for code, *operations in listed(heading) for operation in operations}


def own(public: dict[str, dict[str, Any]]) -> Iterator[Difference]:
    """Yield each code that the plane may answer where the published list of codes lacks it."""
    for row in app.operations():
        responses = public[row.name]["responses"]
        for reason in openapi.refusals(row):
            status = reason.http_status
            described = responses.get(str(status))
            is_listed = described is not None and (not described.get("x-codes") or reason.code in described["x-codes"])
            if not is_listed and status not in OF_EVERY_OPERATION and reason.code != "internal":
                yield Difference(row.name, reason.code)


def unused(public: dict[str, dict[str, Any]]) -> Iterator[Difference]:
    """Yield each published code that the plane never answers."""
    for row in app.operations():
        codes = {code for each in public[row.name]["responses"].values() for code in each.get("x-codes") or ()}
        for code in codes - {reason.code for reason in openapi.refusals(row)} - {"internal"}:
            yield Difference(row.name, code)


def test_every_operation_that_is_not_built_is_listed(public):
    missing = public.keys() - {row.name for row in app.operations()}
    assert missing - {name for row in listed("Operations that are not built") for name in row} == set()


def test_every_code_of_the_planes_own_is_listed(public):
    assert set(own(public)) == differences("Codes of the plane's own")


def test_every_code_that_is_never_answered_is_listed(public):
    assert set(unused(public)) == differences("Codes that are never answered")


def test_every_row_has_a_reason():
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    assert rows
    assert all(len(cells) == 3 and len(cells[-1]) > 10 for cells in rows)
