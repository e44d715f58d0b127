import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import pace, published
from tests.command import Command
from tests.fake_server import FakeServer
from tests.local.database import content
from tests.long_mode import pick
from tests.once import Once, once_in
from tests.plane import LivePlane, live_plane

# The same examples on every run, however slow the machine: a test that fails has something to say about the code.
# EXAMPLES asks for more of them per property than a change is checked with.
settings.register_profile(
    "plexctl", deadline=None, derandomize=True, max_examples=int(os.environ.get("EXAMPLES", pick("30", "100")))
)
settings.load_profile("plexctl")

# A shell that runs the tests in the background has them ignore Ctrl-C and Ctrl-\, and with them every process that they
# start; so does nohup with a hang-up.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)

pace.quicken()


def pytest_collection_finish() -> None:
    """Have garbage collected rarely and only among what tests make: the modules and items there are by now all stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Any:
    return _fail_skip_in_ci((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Any:
    return _fail_skip_in_ci((yield))


def _fail_skip_in_ci(report: Any) -> Any:
    """Turn a skip into a failure in CI, where a tool that has gone missing would pass unnoticed for ever."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2]
        if not published.excuses(reason):
            report.outcome = "failed"
            report.longrepr = f"skipped, which is not allowed in CI: {reason}"
    return report


@pytest.fixture
def plexctl(tmp_path: Path) -> Iterator[Command]:
    """plexctl with an empty home and no setting at all."""
    command = Command(tmp_path / "home")
    yield command
    command.close()


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
def admin(plexctl: Command, plane: LivePlane) -> Command:
    """plexctl pointed at the plane, as its admin."""
    plexctl.environment |= {"PLEXSPHERE_URL": plane.url, "PLEXSPHERE_TOKEN": plane.bearers["admin"]}
    return plexctl


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePlane]:
    """A plane for tests that change nothing on it; in the end it holds what it held."""
    with live_plane(tmp_path_factory.mktemp("untouched")) as running:
        before = content(running.control)
        yield running
        assert content(running.control) == before


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """What is made once in the whole run, by its name and the function that makes it."""
    return once_in(tmp_path_factory, has_workers="PYTEST_XDIST_WORKER" in os.environ)


@pytest.fixture
def waits(monkeypatch):
    """The waits that plexctl asked for, none of them waited."""
    asked: list[float] = []
    monkeypatch.setattr("plexctl.clients.transport.time.sleep", asked.append)
    return asked
