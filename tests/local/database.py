"""What a test sees of a plane's database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control


def rows(control: Control, sql: str, *arguments: object) -> list[tuple]:
    with control.store.read() as connection:
        return [tuple(row) for row in connection.execute(sql, arguments)]


def value(control: Control, sql: str, *arguments: object):
    ((only,),) = rows(control, sql, *arguments)
    return only


def content(control: Control) -> dict[str, list[tuple]]:
    """Read every table."""
    tables = rows(control, "SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name: rows(control, f"SELECT * FROM {name}") for (name,) in tables}


@contextmanager
def refused(control: Control, code: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """Expect a refusal that leaves every row as it was."""
    before = content(control)
    with pytest.raises(Refusal) as caught:
        yield caught
    assert caught.value.code == code, caught.value.detail
    assert content(control) == before
