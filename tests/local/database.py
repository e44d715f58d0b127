"""What a test sees of a plane's database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control

_CONTACT = {"last_contact_at", "recovered_at"}

# Each event with each Node that it concerns: node_id, kind, payload, sequence.
TOLD = """
  SELECT nodes.id AS node_id, kind, payload, sequence FROM node_events JOIN nodes
  ON audience IN ('platform', 'domain:' || domain_id, 'node:' || nodes.id) AND except_node_id IS NOT nodes.id
"""


def rows(control: Control, sql: str, *arguments: object) -> list[tuple]:
    with control.store.read() as connection:
        return [tuple(row) for row in connection.execute(sql, arguments)]


def value(control: Control, sql: str, *arguments: object):
    ((only,),) = rows(control, sql, *arguments)
    return only


def content(control: Control) -> dict[str, list[tuple]]:
    """Read every table but the one that a look at the plane's health writes to."""
    tables = rows(control, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'probe'")
    return {name: rows(control, f"SELECT * FROM {name}") for (name,) in tables}


def content_but_for_contact(control: Control) -> dict[str, list[tuple]]:
    """Read every table, but not when a Node was last heard of: even a refused request of a Node counts as contact."""
    kept = [name for (name,) in rows(control, "SELECT name FROM pragma_table_info('nodes')") if name not in _CONTACT]
    return {**content(control), "nodes": rows(control, f"SELECT {', '.join(kept)} FROM nodes")}


@contextmanager
def refused(control: Control, code: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """Expect a refusal that changes no row."""
    before = content_but_for_contact(control)
    with pytest.raises(Refusal) as caught:
        yield caught
    assert caught.value.code == code, caught.value.detail
    assert content_but_for_contact(control) == before
