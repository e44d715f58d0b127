"""Registering the 1,000th Node of a Domain, against the 2nd; the answer lists every Node that is there already."""

from collections.abc import Iterator
from functools import partial
from statistics import median

from plexctl.local.control.enrolment import register
from tests.benchmarks.measuring import REPETITIONS, Ratio, ratio, timed
from tests.benchmarks.planes import in_earnest, seeded_plane

NODES = 1000


def measure() -> Iterator[Ratio]:
    with seeded_plane() as seeded:
        project_id = seeded.project(domain_id=seeded.domain("10.128.0.0/16"))
        with in_earnest(seeded):
            measured = [seeded.request(project_id) for _ in range(2 * REPETITIONS)]
        filling = [seeded.request(project_id) for _ in range(NODES - 2 * REPETITIONS)]
        bodies = [*filling[:1], *measured[:REPETITIONS], *filling[1:], *measured[REPETITIONS:]]
        times = [timed(partial(register.register, seeded.control, body, None)) for body in bodies]
    early, late = median(times[1 : 1 + REPETITIONS]), median(times[-REPETITIONS:])
    yield ratio("the 1,000th registration", "the 2nd", "wall", late, early)
