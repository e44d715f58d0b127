"""The exit codes as published, read back from the pages and compared with the maps that decide."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import grpc
import pytest

from plexctl.failures import (
    DENIAL_CODES,
    DENIAL_REASONS,
    EXIT_CODES,
    STDOUT_CLOSED,
    TERMINATED,
    Kind,
    grpc_kind,
    http_kind,
)
from tests.each import each
from tests.pages import ROOT


class Row(NamedTuple):
    code: int
    meaning: str
    http: str = ""
    grpc: str = ""
    local: str = ""


def rows_of(page: Path) -> list[Row]:
    """Read the table of exit codes that a page shows."""
    lines = re.findall(r"^\| (\d+) \| (.*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [Row(int(code), *cells.split(" | ")) for code, cells in lines]


PUBLISHED = rows_of(ROOT / "docs" / "reference" / "exit-codes.md")
README = rows_of(ROOT / "README.md")
CODES = {*EXIT_CODES.values(), 0, STDOUT_CLOSED, TERMINATED}
(OTHER_STATUS,) = (row.code for row in PUBLISHED if "every status not named in this table" in row.http)
(OTHER_GRPC_CODE,) = (row.code for row in PUBLISHED if "every code not named in this table" in row.grpc)
DENIAL = re.compile(r"403 with code (.*), or with reason (.*)")


def naming(word: str, texts: dict[int, str], other: int) -> Collection[int]:
    """List the exit codes whose row names a status."""
    named = {code for code, text in texts.items() if word in re.split(r", |; ", text)}
    return named or {other}


def test_the_published_row_of_each_http_status_is_the_one_that_decides():
    texts = {row.code: row.http for row in PUBLISHED}
    for status in range(100, 600):
        word = "2xx" if 200 <= status < 300 else "403 (other)" if status == 403 else str(status)
        decided = 0 if word == "2xx" else EXIT_CODES[http_kind(status)]
        assert naming(word, texts, OTHER_STATUS) == {decided}, status


def test_the_published_row_of_each_grpc_code_is_the_one_that_decides():
    texts = {row.code: row.grpc for row in PUBLISHED}
    for status in grpc.StatusCode:
        decided = 0 if status is grpc.StatusCode.OK else EXIT_CODES[grpc_kind(status.name)]
        assert naming(status.name, texts, OTHER_GRPC_CODE) == {decided}, status.name
    assert len(grpc.StatusCode) == 17


def test_the_published_row_of_a_denial_names_its_codes_and_reasons():
    ((code, denial),) = ((row.code, found) for row in PUBLISHED if (found := DENIAL.search(row.http)))
    assert code == EXIT_CODES[Kind.DENIED]
    codes, reasons = (re.findall(r"[a-z]+_[a-z]+(?:_[a-z]+)*", text) for text in denial.groups())
    assert (set(codes), set(reasons)) == (set(DENIAL_CODES), set(DENIAL_REASONS))
    assert {http_kind(403, code=name) for name in codes} == {Kind.DENIED}
    assert {http_kind(403, reason=name) for name in reasons} == {Kind.DENIED}


@pytest.mark.parametrize(
    ("rows", "step"),
    [(PUBLISHED, "plexctl/exit_codes.py, _MEANINGS, then run docs/generate.py"), (README, "README.md")],
    ids=["reference", "README"],
)
def test_each_exit_code_has_one_row(rows, step):
    assert CODES - {row.code for row in rows} == set(), f"these exit codes have no row: add it to {step}"
    assert [row.code for row in rows] == sorted(CODES)


def test_the_page_on_scripts_has_a_row_for_each_exit_code():
    page = (ROOT / "docs" / "how-to" / "script-with-exit-codes.md").read_text(encoding="utf-8")
    codes = {int(code) for cell in re.findall(r"^\| ([0-9, ]+) \|", page, re.MULTILINE) for code in cell.split(", ")}
    assert codes == CODES, "docs/how-to/script-with-exit-codes.md: the table at its head has a row for each exit code"


@each("row", README)
def test_the_readme_gives_the_published_meaning_or_a_shorter_form_of_it(row):
    (meaning,) = (published.meaning for published in PUBLISHED if published.code == row.code)
    left = iter(re.findall(r"\w+", meaning))
    assert all(word in left for word in re.findall(r"\w+", row.meaning)), f"README: {row.meaning!r}, table: {meaning!r}"
    assert row.meaning.split()[0] == re.split(r"[ ;]", meaning)[0]
