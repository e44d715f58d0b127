"""`mesh topology` of a large mesh in each format, against curl and jq: processor and wall time, and peaks of memory.

jq's text goes through `column -t`, since plexctl's columns are aligned, too. Peaks are the kernel's (ru_maxrss).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from plexctl.identifiers import uuid7
from tests.benchmarks.measuring import ROOT, Ratio, ratio
from tests.fake_server import FakeServer, answer

NODES = 500
RUNS = 5
KIBIBYTE = 1024
FORMATS = ("text", "json", "yaml")
DOMAIN_ID = uuid7()

TABLE = """
(["FROM", "TO", "MESH_IP", "FALLBACK", "REACH_FROM", "REACH_TO"],
 ((.nodes | INDEX(.node_id)) as $n | .edges[]
  | [.source_node_id, .target_node_id, $n[.target_node_id].mesh_ip, (.relay_node_id // ""),
     $n[.source_node_id].reachability, $n[.target_node_id].reachability])) | @tsv"""


# A process begins with its parent's peak of memory, so a small one starts the commands.
LAUNCHER = """
import os, sys, time
started = time.perf_counter()
nothing = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=nothing)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Spent(NamedTuple):
    cpu: float  # user and system time, in seconds, of a command and all that it has started
    wall: float
    peak: float  # bytes, of its largest process


def measure() -> Iterator[Ratio]:
    with FakeServer() as server:
        body = snapshot(NODES)
        server.play(answer(200, body))
        spent = _in_turns({name: _plexctl(server.url, name) for name in FORMATS} | _peers(server.url))
        twice = snapshot(2 * NODES)
        server.play(answer(200, twice))
        large = _in_turns({"text": _plexctl(server.url, "text")})["text"]
    subject = f"topology of {NODES} Nodes, {len(body) >> 20} MiB"
    for name, peer in (("text", "curl | jq | column"), ("json", "curl | jq ."), ("yaml", "json")):
        yield ratio(f"{subject}, {name}", peer, "cpu", spent[name].cpu, spent[peer].cpu)
        yield ratio(f"{subject}, {name}", peer, "wall", spent[name].wall, spent[peer].wall)
        yield ratio(f"{subject}, {name}", "the document", "peak memory", spent[name].peak, len(body))
    yield ratio(f"text of {2 * NODES} Nodes", f"of {NODES}", "cpu", large.cpu, spent["text"].cpu)
    yield ratio(f"text of {2 * NODES} Nodes", "700 MiB", "peak memory", large.peak, 700 << 20)


def snapshot(nodes: int) -> bytes:
    """Make the topology of a full mesh."""
    ids = [uuid7() for _ in range(nodes)]
    listed = [
        {"node_id": node_id, "mesh_ip": f"10.128.{number >> 8}.{number & 255}", "reachability": "healthy"}
        for number, node_id in enumerate(ids)
    ]
    head = {"domain_id": DOMAIN_ID, "generated_at": "2026-04-27T10:15:30.123456Z", "nodes": listed}
    edges = ",".join(
        f'{{"source_node_id":"{source}","target_node_id":"{target}","mode":"direct","relay_node_id":null,'
        '"status":"healthy"}'
        for source in ids
        for target in ids
        if source != target
    )
    return f'{json.dumps(head, separators=(",", ":"))[:-1]},"edges":[{edges}]}}'.encode()


def _plexctl(url: str, output: str) -> Sequence[str]:
    code = "from plexctl.main import entry; entry()"
    words = ["mesh", "topology", "--domain", DOMAIN_ID, "--server", url, "--output", output]
    return [sys.executable, "-c", code, *words]


def _peers(url: str) -> dict[str, Sequence[str]]:
    return {
        "curl | jq | column": ["sh", "-c", 'curl -s "$0" | jq -r "$1" | column -t -s "\t"', url, TABLE],
        "curl | jq .": ["sh", "-c", 'curl -s "$0" | jq .', url],
    }


def _in_turns(commands: dict[str, Sequence[str]]) -> dict[str, Spent]:
    """Run each command several times, in turns, after a turn that fills the caches; each figure's median."""
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    for _ in range(RUNS + 1):
        for name, command in commands.items():
            spent[name].append(_run(command))
    return {name: Spent(*map(median, zip(*each[1:], strict=True))) for name, each in spent.items()}


def _run(command: Sequence[str]) -> Spent:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "PLEXSPHERE_TOKEN": "a-token"}
    launcher = [sys.executable, "-c", LAUNCHER, *command]
    done = subprocess.run(launcher, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    cpu, wall, peak = map(float, done.stdout.split())
    return Spent(cpu, wall, peak * KIBIBYTE)
