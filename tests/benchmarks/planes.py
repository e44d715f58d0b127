"""Planes to measure the rules on, without a server."""

import base64
import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from plexctl import private_files
from plexctl.identifiers import uuid7
from plexctl.local import plane, process
from plexctl.local.control.base.transaction import Control, Settings
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.worker import deliver_due
from plexctl.local.running import Launch, Running
from plexctl.local.sources import system_sources
from plexctl.local.store import Connection, Store
from plexctl.local.vault import Vault, open_root_key
from tests.local.seeded import Seeded

CHEAP = Settings(cheap_hashes=True)
KIBIBYTE = 1024


@contextmanager
def seeded_plane() -> Iterator[Seeded]:
    """A seeded plane in a directory of its own; its hashes are cheap unless `in_earnest` makes them."""
    with TemporaryDirectory() as directory:
        data_dir = Path(directory)
        private_files.create(data_dir / "plane.db", b"")  # or SQLite would follow the umask
        store, vault = Store(data_dir / "plane.db"), Vault(open_root_key(data_dir / "root.key"))
        try:
            seeded = Seeded(Control(store, vault, system_sources().now, CHEAP), data_dir)
            plane.spare_what_stays()
            yield seeded
        finally:
            store.close()


@contextmanager
def in_earnest(seeded: Seeded) -> Iterator[None]:
    """Have tokens hashed as outside tests; redeeming one costs what it was hashed with."""
    cheap = seeded.control
    seeded.control = dataclasses.replace(cheap, settings=Settings())
    try:
        yield
    finally:
        seeded.control = cheap


@contextmanager
def served(seeded: Seeded) -> Iterator[Running]:
    """Serve the same data by a plane in a process of its own."""
    directory = seeded.control.store.path.parent
    yield process.start(Launch(str(directory), 0, 0, {}))
    process.stop(directory)


def peak(pid: int) -> int:
    """Return the most memory that a process has had, in bytes (VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * KIBIBYTE


def cpu(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def populate(seeded: Seeded, project_id: str, count: int) -> list[dict[str, Any]]:
    """Enrol Nodes, and make Peers of them; return each one's answer, without the others that it lists."""
    nodes = [seeded.enrol(project_id) | {"peer_snapshot": None} for _ in range(count)]  # up to 130 kB each
    deliver_due(seeded.control)
    return nodes


def live_tokens(seeded: Seeded, project_id: str, count: int) -> None:
    """Put tokens into the database that nobody has the plaintext of."""
    rows = [(uuid7(), project_id, os.urandom(32), seeded.admin.id) for _ in range(count)]
    with seeded.control.store.write() as connection:
        connection.executemany(
            "INSERT INTO bootstrap_tokens (id, project_id, kind, env_prefix, fingerprint, hash, issued_at, expires_at,"
            " issued_by) VALUES (?, ?, 'node', 'dev', ?, '-', 0, 1 << 60, ?)",
            rows,
        )


def heartbeat_body(control: Control) -> dict[str, Any]:
    checksum = base64.b64encode(bytes(32)).decode()
    return {
        "client_now": to_wire(control.clock()),
        "binary_checksum": checksum,
        "binary_version": "plexd-v0.4.2",
        "nat_summary": {},
    }


def database_bytes(seeded: Seeded) -> int:
    with seeded.control.store.read() as connection:
        ((count,),), ((size,),) = (connection.execute(f"PRAGMA {name}") for name in ("page_count", "page_size"))
    return int(count * size)


class WriteTimes:
    """Notes how long each write transaction of a store takes, from its begin to its commit, in seconds."""

    def __init__(self, store: Store) -> None:
        self.seconds: list[float] = []
        self._store = store
        self._write = store.write

    def __enter__(self) -> Self:
        vars(self._store)["write"] = self._timed
        return self

    def __exit__(self, *_: object) -> None:
        del vars(self._store)["write"]

    @contextmanager
    def _timed(self) -> Iterator[Connection]:
        started = time.perf_counter()
        with self._write() as connection:
            yield connection
        self.seconds.append(time.perf_counter() - started)
