"""The rules in meshes of 10, 100 and 1,000 Nodes, on one plane with 10,000 live tokens."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from statistics import median
from typing import Any

from plexctl.local.control.enrolment import register
from plexctl.local.control.mesh import heartbeat, key_rotation, topology
from plexctl.local.control.worker import deliver_due
from tests.benchmarks.measuring import REPETITIONS, Ratio, ratio, timed
from tests.benchmarks.planes import WriteTimes, database_bytes, heartbeat_body, live_tokens, populate, seeded_plane
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
            for size in SIZES[1:]:
                yield ratio(f"{name}, {size:,} Nodes", f"{SIZES[0]} Nodes", "wall", found[size][name], few[name])
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
    nodes = populate(seeded, project_id, size - MEASURED)
    with WriteTimes(seeded.control.store) as writes:
        figures = _enrolment(seeded, project_id)
        figures |= _of_a_node(seeded, nodes)
    snapshot = partial(topology.document, seeded.control, seeded.admin, domain_id)
    figures["topology"] = _median(lambda _: sum(map(len, snapshot())), nodes)
    return figures | {
        "longest write": max(writes.seconds),
        "file size": (database_bytes(seeded) - before) / size,
    }


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

    rotated = nodes[:MEASURED]
    return {
        "preview": _median(lambda node: key_rotation.preview(control, admin, node["node_id"]), nodes),
        "trigger": median(timed(partial(_trigger, seeded, node)) for node in rotated),
        "completion": median(timed(partial(complete, node)) for node in rotated),
        "heartbeat": _median(beat, nodes),
    }


def _trigger(seeded: Seeded, node: dict[str, Any]) -> None:
    key_rotation.trigger(seeded.control, seeded.admin, node["node_id"], None)


def _median(work: Callable[[dict[str, Any]], object], nodes: Sequence[dict[str, Any]]) -> float:
    """Time the work on several Nodes, after one time that fills the caches."""
    work(nodes[0])
    return median(timed(partial(work, node)) for node in islice(cycle(nodes), REPETITIONS))
