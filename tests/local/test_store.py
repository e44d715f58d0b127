"""Transactions that fail: whatever the reason, nothing of them stays, and the next one on the same thread works."""

import sqlite3

import pytest

from tests.local.database import content, rows

GRANT = "INSERT INTO grants VALUES (?, 'platform', '', 'admin', 0)"
PRINCIPAL = "INSERT INTO principals VALUES ('a', ?, '', x'00')"


def write(control, *statements):
    with control.store.write() as connection:
        for statement, *arguments in statements:
            connection.execute(statement, arguments)


def check_that_it_goes_on(control, before):
    assert content(control) == before
    write(control, (PRINCIPAL, "somebody"))
    assert content(control) != before


def test_a_statement_that_fails(control):
    before = content(control)
    with pytest.raises(sqlite3.IntegrityError):
        write(control, (PRINCIPAL, "somebody"), (PRINCIPAL, "somebody"))
    check_that_it_goes_on(control, before)


def test_a_commit_that_is_refused(control):
    before = content(control)
    with pytest.raises(sqlite3.IntegrityError):
        write(control, ("PRAGMA defer_foreign_keys = ON",), (GRANT, "nobody"))
    check_that_it_goes_on(control, before)


def test_a_full_disk(control):
    before = content(control)
    ((pages,),) = rows(control, "PRAGMA page_count")
    write(control, (f"PRAGMA max_page_count = {pages}",))
    with pytest.raises(sqlite3.OperationalError, match="full"):
        write(control, (PRINCIPAL, "x" * 100_000))
    check_that_it_goes_on(control, before)
