"""The topology of 1,000 Nodes: what the plane that streams it and the command that prints it need in memory.

Peaks are the kernel's (VmHWM, ru_maxrss), so this needs Linux.
"""

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx

from plexctl.local.running import Running
from tests.benchmarks.measuring import ROOT, Ratio, ratio
from tests.benchmarks.planes import KIBIBYTE, peak, populate, seeded_plane, served

NODES = 1000


def measure() -> Iterator[Ratio]:
    with seeded_plane() as seeded:
        domain_id = seeded.domain("10.128.0.0/16")
        populate(seeded, seeded.project(domain_id=domain_id), NODES)
        with served(seeded) as plane:
            document, extra = _stream(plane, domain_id, seeded.bearers["viewer"])
            printed = _print(plane, domain_id, seeded.bearers["viewer"])
    subject = f"topology of 1,000 Nodes, {document >> 20} MiB"
    yield ratio(f"{subject}: the plane, above rest", "the document", "peak memory", extra, document)
    yield ratio(f"{subject}: the command, -o json", "the document", "peak memory", printed, document)


def _stream(plane: Running, domain_id: str, bearer: str) -> tuple[int, int]:
    """Read the topology to its end and return its bytes, and by how much the plane's peak grew meanwhile."""
    with httpx.Client(base_url=plane.url, headers={"Authorization": f"Bearer {bearer}"}, timeout=None) as client:
        client.get("/v1/domains").raise_for_status()
        rest = peak(plane.pid)
        with client.stream("GET", f"/v1/domains/{domain_id}/mesh/topology") as response:
            document = sum(map(len, response.iter_raw()))
    return document, peak(plane.pid) - rest


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
