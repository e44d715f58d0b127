import os
from collections.abc import Iterator

import pytest

from plexctl.local import ephemeral
from plexctl.local.control.base.transaction import Control, Settings
from plexctl.local.store import Store
from plexctl.local.vault import Vault
from tests.command import Command
from tests.local.processes import default_directory
from tests.local.seeded import Seeded
from tests.local.signer_client import SignerClient
from tests.local.world import World


class Clock:
    """A clock that stands still until a test moves it; microseconds."""

    def __init__(self) -> None:
        self.time = 1_780_000_000_000_000

    def __call__(self) -> int:
        return self.time

    def advance(self, microseconds: int) -> None:
        self.time += microseconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def control(tmp_path, clock) -> Iterator[Control]:
    store = Store(tmp_path / "plane.db")
    yield Control(store, Vault(os.urandom(32)), clock, Settings(cheap_hashes=True))
    store.close()


@pytest.fixture
def world(control) -> World:
    return World(control)


@pytest.fixture
def seeded(control, tmp_path) -> Seeded:
    return Seeded(control, tmp_path)


@pytest.fixture
def signer(world) -> Iterator[SignerClient]:
    client = SignerClient(world.control, world.bearers["admin"])
    yield client
    client.close()


@pytest.fixture
def local(plexctl: Command) -> Iterator[Command]:
    """plexctl whose local planes end with the test."""
    yield plexctl
    for directory in ephemeral.in_use(default_directory(plexctl)):
        plexctl("local stop --data-dir", directory)
    assert ephemeral.in_use(default_directory(plexctl)) == []


@pytest.fixture
def project_id(seeded: Seeded) -> str:
    return seeded.project()
