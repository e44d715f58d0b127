"""The rules in meshes of 10, 100 and 1,000 Nodes, on one plane with 10,000 active tokens."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from statistics import median
from typing import Any

import httpx

from plexctl.local.control.enrolment import register
from plexctl.local.control.mesh import heartbeat, key_rotation, snapshot, topology
from plexctl.local.control.worker import deliver_due
from tests.benchmarks.measuring import REPETITIONS, Ratio, ratio, timed
from tests.benchmarks.planes import (
    WriteTimes,
    database_bytes,
    heartbeat_body,
    live_tokens,
    peak,
    populate,
    seeded_plane,
    served,
)
from tests.local.seeded import Seeded
from tests.plane import nsk_bearer, public_key

SIZES = (10, 100, 1000)
LIVE_TOKENS = 10_000
LONGEST_WRITE_SECONDS = 0.02
MEASURED = 5  # of the Nodes of each mesh

Figures = dict[str, float]


def measure() -> Iterator[Ratio]:
    with seeded_plane() as seeded:
        live_tokens(seeded, seeded.project(), LIVE_TOKENS)
        found = {size: _mesh(seeded, size) for size in SIZES}
    few = found[SIZES[0]]
    for name in few:
        if name not in {"longest write", "file size"}:
            measure_of = "peak memory" if name == "memory" else "wall"
            for size in SIZES[1:]:
                value = found[size][name]
                yield ratio(f"{name}, {size:,} Nodes", f"{SIZES[0]} Nodes", measure_of, value, few[name])
    for size in SIZES:
        longest = found[size]["longest write"]
        yield ratio(f"longest write, {size:,} Nodes", "20 ms", "wall", longest, LONGEST_WRITE_SECONDS)
    _, middle, many = (found[size]["file size"] for size in SIZES)
    yield ratio("the database per Node, 1,000 Nodes", "100 Nodes", "file size", many, middle)


def _mesh(seeded: Seeded, size: int) -> Figures:
    """Make a mesh and measure each rule in it: seconds, and bytes of the database per Node."""
    domain_id = seeded.domain(f"10.{100 + SIZES.index(size)}.0.0/16", f"mesh-{size}")
    project_id = seeded.project(domain_id=domain_id)
    before = database_bytes(seeded)
    with WriteTimes(seeded.control.store) as writes:
        nodes = populate(seeded, project_id, size - MEASURED)
        figures = _enrolment(seeded, project_id)
        figures |= _of_a_node(seeded, nodes)
    document = partial(topology.document, seeded.control, seeded.admin, domain_id)
    figures["topology"] = _median(lambda _: sum(map(len, document())), nodes)
    return figures | {
        "memory": _memory(seeded, domain_id, nodes[0]),
        "longest write": max(writes.seconds),
        "file size": (database_bytes(seeded) - before) / size,
    }


def _memory(seeded: Seeded, domain_id: str, node: dict[str, Any]) -> float:
    """Return the peak of a plane that sends the topology and one snapshot, in bytes."""
    with served(seeded) as plane, httpx.Client(base_url=plane.url, timeout=60, trust_env=False) as client:
        for path, bearer in (
            (f"/v1/domains/{domain_id}/mesh/topology", seeded.bearers["viewer"]),
            (f"/v1/nodes/{node['node_id']}/state", nsk_bearer(node)),
        ):
            with client.stream("GET", path, headers={"Authorization": f"Bearer {bearer}"}) as response:
                response.raise_for_status()
                sum(map(len, response.iter_raw()))
        return peak(plane.pid)


def _enrolment(seeded: Seeded, project_id: str) -> Figures:
    registering, anchoring = [], []
    for _ in range(MEASURED):
        body = seeded.request(project_id)
        registering.append(timed(partial(register.register, seeded.control, body, None)))
        anchoring.append(timed(partial(deliver_due, seeded.control)))
    return {"registration": median(registering), "anchoring": median(anchoring)}


def _of_a_node(seeded: Seeded, nodes: Sequence[dict[str, Any]]) -> Figures:
    control, admin = seeded.control, seeded.admin

    def beat(node: dict[str, Any]) -> None:
        heartbeat.accept(control, nsk_bearer(node), node["node_id"], lambda: heartbeat_body(control))

    def complete(node: dict[str, Any]) -> None:
        key_rotation.complete(control, nsk_bearer(node), lambda: {"new_public_key": public_key()}, None)

    def pull(node: dict[str, Any]) -> None:
        snapshot.read(control, None, nsk_bearer(node), node["node_id"])

    rotated = nodes[:MEASURED]
    return {
        "preview": _median(lambda node: key_rotation.preview(control, admin, node["node_id"]), nodes),
        "trigger": median(timed(partial(_trigger, seeded, node)) for node in rotated),
        "completion": median(timed(partial(complete, node)) for node in rotated),
        "heartbeat": _median(beat, nodes),
        "state": _median(pull, nodes),
    }


def _trigger(seeded: Seeded, node: dict[str, Any]) -> None:
    key_rotation.trigger(seeded.control, seeded.admin, node["node_id"], None)


def _median(work: Callable[[dict[str, Any]], object], nodes: Sequence[dict[str, Any]]) -> float:
    """Time the work on several Nodes, after one time that fills the caches."""
    work(nodes[0])
    return median(timed(partial(work, node)) for node in islice(cycle(nodes), REPETITIONS))
