"""The topology of 1,000 Nodes: what the plane that streams it and the command that prints it need in memory.

Peaks are the kernel's (VmHWM, ru_maxrss), so this needs Linux.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from plexctl.local import process
from plexctl.local.running import Launch, Running
from tests.benchmarks.measuring import ROOT, Ratio, ratio
from tests.benchmarks.planes import seeded_plane
from tests.local.seeded import Seeded

NODES = 1000
KIBIBYTE = 1024


def measure() -> Iterator[Ratio]:
    with seeded_plane() as seeded:
        domain_id = seeded.domain("10.128.0.0/16")
        _populate(seeded, seeded.project(domain_id=domain_id))
        with _served(seeded) as plane:
            document, extra = _stream(plane, domain_id, seeded.bearers["viewer"])
            printed = _print(plane, domain_id, seeded.bearers["viewer"])
    subject = f"topology of 1,000 Nodes, {document >> 20} MiB"
    yield ratio(f"{subject}: the plane, above rest", "the document", "peak memory", extra, document)
    yield ratio(f"{subject}: the command, -o json", "the document", "peak memory", printed, document)


def _populate(seeded: Seeded, project_id: str) -> None:
    """Enrol Nodes and make Peers of them, without the keys of half a million edges, which no topology shows."""
    for _ in range(NODES):
        seeded.enrol(project_id)
    with seeded.control.store.write() as connection:
        connection.execute("UPDATE outbox SET delivered_at = 0")
        connection.execute("INSERT INTO peers SELECT id, id, domain_id, registered_at FROM nodes")


@contextmanager
def _served(seeded: Seeded) -> Iterator[Running]:
    directory = seeded.control.store.path.parent
    yield process.start(Launch(str(directory), 0, 0, {}))
    process.stop(directory)


def _stream(plane: Running, domain_id: str, bearer: str) -> tuple[int, int]:
    """Read the topology to its end and return its bytes, and by how much the plane's peak grew meanwhile."""
    with httpx.Client(base_url=plane.url, headers={"Authorization": f"Bearer {bearer}"}, timeout=None) as client:
        client.get("/v1/domains").raise_for_status()
        rest = _peak(plane.pid)
        with client.stream("GET", f"/v1/domains/{domain_id}/mesh/topology") as response:
            document = sum(map(len, response.iter_raw()))
    return document, _peak(plane.pid) - rest


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * KIBIBYTE


def _print(plane: Running, domain_id: str, bearer: str) -> int:
    """Print the topology as json and return the command's peak."""
    environment = os.environ | {"PLEXSPHERE_URL": plane.url, "PLEXSPHERE_TOKEN": bearer}
    command = [sys.executable, "-m", "plexctl", "mesh", "topology", "--domain", domain_id, "--output", "json"]
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"mesh topology ended with {child.returncode}")
    return usage.ru_maxrss * KIBIBYTE
