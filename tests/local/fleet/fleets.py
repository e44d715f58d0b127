"""A fleet in a process of its own, over a plane that a test looks into."""

import select
import shlex
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from plexctl.local.fleet import secrets
from plexctl.local.fleet.secrets import Secrets
from tests.command import Command
from tests.waiting import PATIENCE_SECONDS


class Fleet:
    """A running fleet; its stderr is read as it comes."""

    def __init__(self, plexctl: Command, directory: Path, line: str) -> None:
        self.words = [*shlex.split(line), "--data-dir", str(directory)]
        self._process = plexctl.start("local fleet", *self.words)

    def until_complete(self) -> None:
        """Wait until it says that all Nodes have joined."""
        assert self._process.stderr
        assert select.select([self._process.stderr], [], [], PATIENCE_SECONDS)[0]
        line = self._process.stderr.readline().decode()
        assert line.startswith("plexctl: all Nodes are there "), line

    @property
    def command_line(self) -> str:
        return Path(f"/proc/{self._process.pid}/cmdline").read_text()

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal, and return the exit code and what else was written."""
        self._process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        stdout, stderr = self._process.communicate(timeout=PATIENCE_SECONDS)
        assert stdout == b""
        return self._process.returncode, stderr.decode()

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def fleet(plexctl: Command, directory: Path, line: str) -> Iterator[Fleet]:
    """Run a fleet as long as the block, unless that ends it."""
    running = Fleet(plexctl, directory, line)
    try:
        yield running
    finally:
        running.kill()


def files(directory: Path) -> list[Secrets]:
    """Read what a fleet has kept, and check who may read it."""
    folder = directory / "fleet"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    paths = sorted(folder.glob("*.json"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} <= {0o600}
    return [secrets.decode(path.read_bytes()) for path in paths]


def topology(admin: httpx.Client, domain_id: str) -> dict[str, Any]:
    document: dict[str, Any] = admin.get(f"/v1/domains/{domain_id}/mesh/topology").json()
    return document


def all_items(admin: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Read every page of a list."""
    page = admin.get(path, params={"limit": 200}).json()
    items: list[dict[str, Any]] = page["items"]
    while "next_cursor" in page:
        page = admin.get(path, params={"limit": 200, "cursor": page["next_cursor"]}).json()
        items += page["items"]
    return items


def check_whole(admin: httpx.Client, project_id: str, directory: Path, nodes: int) -> None:
    """See that each Node of the Project has its secrets, each Resource a Node, and that no token is left."""
    kept = files(directory)
    here = [node for node in all_items(admin, "/v1/nodes") if node["project_id"] == project_id]
    assert len(here) == nodes
    assert {(node["id"], node["name"]) for node in here} == {(node.node_id, node.handle) for node in kept}
    assert len(all_items(admin, f"/v1/projects/{project_id}/resources")) == nodes
    tokens = all_items(admin, f"/v1/projects/{project_id}/bootstrap-tokens")
    assert [token for token in tokens if not token.keys() & {"consumed_at", "revoked_at"}] == []
