"""Planes to measure the rules on, without a server."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from plexctl.local.control.base.transaction import Control, Settings
from plexctl.local.sources import system_sources
from plexctl.local.store import Store
from plexctl.local.vault import Vault, open_root_key
from tests.local.seeded import Seeded

CHEAP = Settings(cheap_hashes=True)


@contextmanager
def seeded_plane() -> Iterator[Seeded]:
    """A seeded plane in a directory of its own; its hashes are cheap unless `in_earnest` makes them."""
    with TemporaryDirectory() as directory:
        data_dir = Path(directory)
        store, vault = Store(data_dir / "plane.db"), Vault(open_root_key(data_dir / "root.key"))
        try:
            yield Seeded(Control(store, vault, system_sources().now, CHEAP), data_dir)
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
