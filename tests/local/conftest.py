import json
import os
from collections.abc import Iterator
from typing import Any

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
from tests.once import Once
from tests.stalls import site
from tests.terminal import Shown, Terminal


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


# Plays the lesson whose steps the file holds, instead of a new one.
REPLAY = """
import contextlib, json, types
from plexctl.local.lesson import play
from plexctl.local.lesson.transcript import Step, TypedCommand
def step(title, explanation, commands, promises):
    return Step(title, explanation, tuple(TypedCommand(**typed) for typed in commands), tuple(promises))
played = types.SimpleNamespace(steps=lambda: (step(**each) for each in json.load(open({path!r}))))
play.lesson = lambda _: contextlib.nullcontext(played)
"""


@pytest.fixture(scope="session")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """plexctl of somebody whose own settings have no part in the lesson."""
    home, temporary = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("tmp")
    plexctl = Command(home, {"TMPDIR": str(temporary), "PLEXSPHERE_URL": "http://127.0.0.1:1"})
    plexctl.configure({"profiles": {"default": {"server": "http://127.0.0.1:1", "token": "other"}}})
    yield plexctl
    assert list(temporary.iterdir()) == []


@pytest.fixture(scope="session")
def played(once: Once, person: Command, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The lesson in json, with its progress on a terminal, in a directory with modules that have a part in nothing."""

    def play() -> Shown:
        directory = tmp_path_factory.mktemp("directory")
        for module in ("plexctl", "secrets"):
            (directory / f"{module}.py").write_text("raise SystemExit('the wrong module')\n")
        return Terminal(person)("local lesson -o json", on="stderr", directory=directory)

    return Shown(*once("lesson", play))


@pytest.fixture(scope="session")
def steps(played: Shown) -> list[dict[str, Any]]:
    return list(json.loads(played.pipes)["steps"])


@pytest.fixture(scope="session")
def replayed(person: Command, steps: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Command:
    """plexctl whose lesson is the one that was played already, for those who look at how it is shown."""
    directory = tmp_path_factory.mktemp("replay")
    (directory / "steps").write_text(json.dumps(steps))
    environment = site(directory / "site", REPLAY.format(path=str(directory / "steps")))
    return Command(person.home, person.environment | environment)
