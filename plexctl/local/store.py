"""The plane's SQLite file: one connection per thread, and transactions that commit whole or not at all."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from plexctl.local.plane_error import PlaneError

APPLICATION_ID = 0x504C5843  # "PLXC": tells a plane's file from any other SQLite file
SCHEMA_VERSION = 2
BUSY_SECONDS = 30.0

Connection = sqlite3.Connection
Cursor = sqlite3.Cursor
Row = sqlite3.Row
Parameters = Sequence[Any] | Mapping[str, Any]


class StoreError(Exception):
    """The database could not be opened, read or written; the message is the driver's."""


class Store:
    """A plane's database; `read` and `write` yield this thread's connection inside a transaction."""

    def __init__(self, path: Path) -> None:
        """Open the file; create the schema if it is new.

        Raises: PlaneError if it is not a plane's database of this version, which leaves it unchanged; StoreError if it
        cannot be opened or written.
        """
        self.path = path
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._prepare()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Begin a transaction that reads from one consistent snapshot.

        Raises: StoreError.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Begin a transaction that excludes other writers from its start; any exception rolls it back.

        Raises: StoreError.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with _driver_errors():
            connection = self._connection()
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk has SQLite roll back by itself
                    connection.execute("ROLLBACK")
                raise

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._connect()
            self._threads.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        with self._lock:
            self._connections.append(connection)
        return connection

    def _prepare(self) -> None:
        try:
            with _driver_errors():
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    self._create_or_check(connection)
                connection.execute("PRAGMA journal_mode = WAL")
        except BaseException as error:
            self.close()
            if isinstance(error, StoreError) and not isinstance(error.__cause__, sqlite3.OperationalError):
                raise PlaneError("Plane Not Started", f"{self.path} is not a plane's database: {error}") from error
            raise

    def _create_or_check(self, connection: sqlite3.Connection) -> None:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if (application, version) == (APPLICATION_ID, SCHEMA_VERSION):
            return
        empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if application == APPLICATION_ID:
            detail = f"{self.path} has schema version {version}; this plexctl knows {SCHEMA_VERSION}"
            raise PlaneError("Plane Not Started", detail, "run 'plexctl local reset --yes'")
        if not empty:
            raise PlaneError("Plane Not Started", f"{self.path} is a SQLite file, but not a plane's database")
        for statement in _statements():
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def _driver_errors() -> Iterator[None]:
    """Turn the driver's errors into StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(str(error)) from error


def _statements() -> Iterator[str]:
    """Yield each statement of the schema: executescript would commit the transaction around it."""
    script = resources.files("plexctl.local").joinpath("schema.sql").read_text(encoding="utf-8")
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
