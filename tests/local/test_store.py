"""Transactions that fail: whatever the reason, nothing of them stays, and the next one on the same thread works."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from plexctl.local.plane_error import PlaneError
from plexctl.local.store import SCHEMA_VERSION, Store, StoreError
from tests.local.database import content, rows
from tests.waiting import PATIENCE_SECONDS

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
    with pytest.raises(StoreError):
        write(control, (PRINCIPAL, "somebody"), (PRINCIPAL, "somebody"))
    check_that_it_goes_on(control, before)


def test_a_write_has_the_database_before_its_first_statement(control):
    with (
        closing(sqlite3.connect(control.store.path, timeout=0, isolation_level=None)) as other,
        control.store.write(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_a_commit_that_is_refused(control):
    before = content(control)
    with pytest.raises(StoreError):
        write(control, ("PRAGMA defer_foreign_keys = ON",), (GRANT, "nobody"))
    check_that_it_goes_on(control, before)


def test_a_full_disk_is_an_error_that_changes_nothing(control):
    before = content(control)
    ((pages,),) = rows(control, "PRAGMA page_count")
    write(control, (f"PRAGMA max_page_count = {pages}",))
    with pytest.raises(StoreError, match="database or disk is full"):
        write(control, (PRINCIPAL, "x" * 100_000))
    check_that_it_goes_on(control, before)


def test_another_schema_version_is_refused_and_kept(tmp_path):
    path = tmp_path / "plane.db"
    Store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(PlaneError) as refused:
        Store(path)
    assert str(refused.value) == (
        f"{path} has schema version 99; this plexctl knows {SCHEMA_VERSION}; run 'plexctl local reset --yes'"
    )
    assert path.read_bytes() == before


def foreign(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"nothing of the kind " * 100), "is not a plane's database: "),
        (foreign, "is a SQLite file, but not a plane's database"),
    ],
    ids=["no database", "another program's"],
)
def test_what_is_no_planes_database_is_refused_and_kept(tmp_path, make, said):
    path = tmp_path / "plane.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(PlaneError) as refused:
        Store(path)
    assert str(refused.value).startswith(f"{path} {said}")
    assert path.read_bytes() == before
    assert not any(file.is_relative_to(tmp_path) for file in open_files())


def open_files() -> list[Path]:
    return [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def test_a_checkpoint_waits_for_no_writer_and_moves_what_was_committed(tmp_path):
    store = Store(tmp_path / "plane.db")
    try:
        with store.write() as connection:
            connection.execute("REPLACE INTO probe (id, content) VALUES (1, zeroblob(?))", (3 << 20,))
        size = store.path.stat().st_size
        with store.write() as connection:
            connection.execute("DELETE FROM probe")
            with ThreadPoolExecutor(1) as threads:
                threads.submit(store.checkpoint).result(PATIENCE_SECONDS)
        assert store.path.stat().st_size > size + (3 << 20) - 65536
    finally:
        store.close()


def test_a_short_log_is_left_alone(tmp_path):
    store = Store(tmp_path / "plane.db")
    try:
        with store.write() as connection:
            connection.execute("REPLACE INTO probe (id, content) VALUES (1, zeroblob(9))")
        size = store.path.stat().st_size
        store.checkpoint()
        assert store.path.stat().st_size == size
    finally:
        store.close()
