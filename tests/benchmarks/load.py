"""A plane of 1,000 Nodes under load over HTTP: heartbeats of 8 clients, registrations of 50, and its topology.

The clients are those of the standard library, which leave most of the processors to the plane.
"""

import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, NamedTuple

from plexctl.local.control.enrolment import token_secrets
from plexctl.local.running import Running
from tests.benchmarks.measuring import Ratio, ratio
from tests.benchmarks.planes import cpu, heartbeat_body, in_earnest, live_tokens, peak, populate, seeded_plane, served
from tests.local.seeded import Seeded
from tests.plane import nsk_bearer

NODES = 1000
LIVE_TOKENS = 10_000
HEARTBEAT_CLIENTS, HEARTBEATS = 8, 50  # each
REGISTRATION_CLIENTS, REGISTRATIONS = 50, 6  # each
HASHES, HASHING_THREADS = 80, 4
MEBIBYTE = 1 << 20

Act = Callable[[HTTPConnection, int, int], None]  # what one client does in one of its turns


class Load(NamedTuple):
    """How many per second of wall time, and per second of processor time."""

    wall: float
    cpu: float


def measure() -> Iterator[Ratio]:
    with seeded_plane() as seeded:
        domain_id = seeded.domain("10.128.0.0/16")
        project_id = seeded.project(domain_id=domain_id)
        live_tokens(seeded, project_id, LIVE_TOKENS)
        nodes = populate(seeded, project_id, NODES)
        with in_earnest(seeded):
            bodies = [seeded.request(project_id) for _ in range(REGISTRATION_CLIENTS * REGISTRATIONS)]
        alone = [_hashes_per_second(seeded, project_id)]
        with served(seeded) as plane:
            yield from _topology(plane, domain_id, seeded.bearers["viewer"])
            rest = peak(plane.pid)
            beats, _ = _in_parallel(HEARTBEAT_CLIENTS, HEARTBEATS, _beat(seeded, nodes), plane)
            yield ratio(f"heartbeat of {HEARTBEAT_CLIENTS} clients, p99", "40 ms", "wall", _p99(beats), 0.04)
            used = cpu(plane.pid)
            times, seconds = _in_parallel(REGISTRATION_CLIENTS, REGISTRATIONS, _register(bodies), plane)
            used = cpu(plane.pid) - used
            alone.append(_hashes_per_second(seeded, project_id))
            subject = f"registrations of {REGISTRATION_CLIENTS} clients"
            per_second = Load(len(times) / seconds, len(times) / used)
            hashes = Load(*map(statistics.mean, zip(*alone, strict=True)))
            yield ratio(f"{subject}, per second", "Argon2id alone", "wall", per_second.wall, hashes.wall)
            yield ratio(f"{subject}, per second", "Argon2id alone", "cpu", per_second.cpu, hashes.cpu)
            yield ratio(f"{subject}, p99", "1.2 s", "wall", _p99(times), 1.2)
            yield ratio("the plane under load", "after a topology", "peak memory", peak(plane.pid), rest)


def _topology(plane: Running, domain_id: str, bearer: str) -> Iterator[Ratio]:
    """Read a topology's bytes from a socket, and nothing else, since an HTTP client takes longer than the plane."""
    host, port = plane.url.removeprefix("http://").split(":")
    rates = []
    for _ in range(5):
        with socket.create_connection((host, int(port))) as connection:
            head = f"GET /v1/domains/{domain_id}/mesh/topology HTTP/1.0\r\nAuthorization: Bearer {bearer}\r\n\r\n"
            started = time.perf_counter()
            connection.sendall(head.encode())
            received = sum(iter(lambda: len(connection.recv(MEBIBYTE)), 0))
            rates.append(received / (time.perf_counter() - started))
    yield ratio(f"topology of {NODES:,} Nodes", "250 MiB/s", "rate", statistics.median(rates), 250 * MEBIBYTE)


def _hashes_per_second(seeded: Seeded, project_id: str) -> Load:
    """Verify bootstrap tokens and do nothing else, with as many threads as a plane's."""
    vault = seeded.control.vault
    plaintext = token_secrets.mint(vault, "dev", project_id, "node")
    stored = token_secrets.hash_of(vault, plaintext, cheap=False)
    with ThreadPoolExecutor(HASHING_THREADS) as threads:
        wall, used = time.perf_counter(), time.process_time()
        list(threads.map(lambda _: token_secrets.verify(stored, plaintext), range(HASHES)))
        return Load(HASHES / (time.perf_counter() - wall), HASHES / (time.process_time() - used))


def _beat(seeded: Seeded, nodes: Sequence[dict[str, Any]]) -> Act:
    def beat(client: HTTPConnection, number: int, turn: int) -> None:
        node = nodes[number * HEARTBEATS + turn]
        headers = {"Authorization": f"Bearer {nsk_bearer(node)}"}
        _post(client, f"/v1/nodes/{node['node_id']}/heartbeat", heartbeat_body(seeded.control), headers)

    return beat


def _register(bodies: Sequence[dict[str, Any]]) -> Act:
    def register(client: HTTPConnection, number: int, turn: int) -> None:
        _post(client, "/v1/register", bodies[number * REGISTRATIONS + turn], {})

    return register


def _post(client: HTTPConnection, path: str, body: dict[str, Any], headers: dict[str, str]) -> None:
    client.request("POST", path, json.dumps(body), headers | {"Content-Type": "application/json"})
    with client.getresponse() as response:
        content = response.read()
    if response.status >= 300:
        raise RuntimeError(f"{path}: {response.status} {content!r}")


def _in_parallel(clients: int, turns: int, act: Act, plane: Running) -> tuple[list[float], float]:
    """Have each client act so many times; return how long each act took, and all of them together."""
    times: list[float] = []
    together = threading.Barrier(clients + 1)

    def run(number: int) -> None:
        with closing(HTTPConnection(plane.url.removeprefix("http://"), timeout=60)) as client:
            together.wait()
            for turn in range(turns):
                started = time.perf_counter()
                act(client, number, turn)
                times.append(time.perf_counter() - started)

    with ThreadPoolExecutor(clients) as threads:
        running = [threads.submit(run, number) for number in range(clients)]
        together.wait()
        started = time.perf_counter()
        for each in running:
            each.result()
    return times, time.perf_counter() - started


def _p99(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=100)[-1]
