"""The plane's SQLite file: one connection per thread, and transactions that commit whole or not at all."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from plexctl.local.database_files import DatabaseFiles
from plexctl.local.plane_error import PlaneError
from plexctl.local.turns import Turns

APPLICATION_ID = 0x504C5843  # "PLXC": tells a plane's file from any other SQLite file
SCHEMA_VERSION = 8
BUSY_SECONDS = 30.0
PROBE_BUSY_SECONDS = 2.0
PROBE_BYTES = 16_384
CHECKPOINT_BYTES = 1 << 20

_STORAGE = {  # the driver's codes for what is wrong below it, rather than with a statement
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}

Connection = sqlite3.Connection
Cursor = sqlite3.Cursor
Row = sqlite3.Row
Parameters = Sequence[Any] | Mapping[str, Any]


class StoreError(Exception):
    """The database could not be opened, read or written; the message is the driver's."""


class StorageError(StoreError):
    """The storage under the database cannot be used: read-only, failing, locked for too long, removed or replaced."""


class StorageFullError(StorageError):
    """The storage under the database has no room left."""


class Store:
    """A plane's database; `read` and `write` yield this thread's connection inside a transaction."""

    def __init__(self, path: Path) -> None:
        """Open the file; create the schema if it is new.

        Raises: PlaneError if it is not a plane's database of this version, which leaves it unchanged; StoreError if it
        cannot be opened or written.
        """
        self.path = path
        self._files = DatabaseFiles(path)
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._turns = Turns()  # SQLite lets writers try again and again instead, and one of many may never succeed
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
        with self._turn(BUSY_SECONDS), self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def probe(self) -> None:
        """Commit a write of several pages, to see that one succeeds; waits for other writers shorter than `write`.

        Raises: StoreError.
        """
        seconds = PROBE_BUSY_SECONDS
        with self._turn(seconds), self._transaction("BEGIN IMMEDIATE", seconds) as connection:
            connection.execute("REPLACE INTO probe (id, content) VALUES (1, zeroblob(?))", (PROBE_BYTES,))

    def checkpoint(self) -> None:
        """Move committed changes into the file, once there are many; it holds up neither readers nor writers.

        Raises: StoreError.
        """
        with self._driver_errors():
            if self._log_bytes() >= CHECKPOINT_BYTES:
                self._connection().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _log_bytes(self) -> int:
        try:
            return self.path.with_name(f"{self.path.name}-wal").stat().st_size
        except OSError:  # there is none, or the next transaction finds out why it cannot be read
            return 0

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    @contextmanager
    def _turn(self, seconds: float) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(self._turns.take(seconds))
            except TimeoutError:
                raise StorageError(f"other writers have kept the database for {seconds:g} s") from None
            yield

    @contextmanager
    def _transaction(self, begin: str, busy_seconds: float = BUSY_SECONDS) -> Iterator[Connection]:
        with self._driver_errors():
            if (lost := self._files.find_lost()) is not None:
                raise StorageError(f"{lost} was removed or replaced; restart the plane")
            connection = self._connection()
            connection.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
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
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        with self._lock:
            self._connections.append(connection)  # closed with the others, even where the next statement fails
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # a writer would do it while others wait
        return connection

    def _prepare(self) -> None:
        try:
            with self._driver_errors():
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
    def _driver_errors(self) -> Iterator[None]:
        """Turn the driver's errors into StoreError."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._kind_of(error)(str(error)) from error

    def _kind_of(self, error: sqlite3.Error) -> type[StoreError]:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the primary code of an extended one
        if code == sqlite3.SQLITE_FULL or (code in _STORAGE and self._is_full()):
            return StorageFullError
        return StorageError if code in _STORAGE else StoreError

    def _is_full(self) -> bool:
        """Tell whether the file system has no block left, which SQLite does not always say."""
        try:
            return os.statvfs(self.path.parent).f_bavail == 0
        except OSError:
            return False


def _statements() -> Iterator[str]:
    """Yield each statement of the schema: executescript would commit the transaction around it."""
    script = resources.files("plexctl.local").joinpath("schema.sql").read_text(encoding="utf-8")
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
