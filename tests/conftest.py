from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.command import Command
from tests.fake_server import FakeServer
from tests.plane import LivePlane, live_plane

# The same examples on every run, however slow the machine: a test that fails has something to say about the code.
settings.register_profile("plexctl", deadline=None, derandomize=True)
settings.load_profile("plexctl")


@pytest.fixture
def plexctl(tmp_path: Path) -> Command:
    """plexctl with an empty home and no setting at all."""
    return Command(tmp_path / "home")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A scripted HTTP server, for what a healthy one cannot do."""
    with FakeServer() as fake:
        yield fake


@pytest.fixture
def against(plexctl: Command, server: FakeServer) -> Command:
    """plexctl pointed at the scripted server."""
    plexctl.environment |= {"PLEXSPHERE_URL": server.url, "PLEXSPHERE_TOKEN": "a-token"}
    return plexctl


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[LivePlane]:
    """A whole local plane in this process."""
    with live_plane(tmp_path / "plane") as running:
        yield running


@pytest.fixture
def waits(monkeypatch):
    """The waits that plexctl asked for, none of them waited."""
    asked = []
    monkeypatch.setattr("plexctl.clients.transport.time.sleep", asked.append)
    return asked
