"""Redeeming a bootstrap token among 10,000 live ones, against redeeming it among 10."""

from collections.abc import Iterator
from functools import partial
from statistics import median

from plexctl.local.control.enrolment import register
from tests.benchmarks.measuring import REPETITIONS, Ratio, ratio, timed
from tests.benchmarks.planes import in_earnest, seeded_plane
from tests.local.seeded import Seeded

FEW, MANY = 10, 10_000


def measure() -> Iterator[Ratio]:
    with seeded_plane() as seeded:
        project_id = seeded.project(domain_id=seeded.domain("10.128.0.0/16"))
        _issue(seeded, project_id, FEW)
        few = _redemption(seeded, project_id)
        _issue(seeded, project_id, MANY - FEW)
        many = _redemption(seeded, project_id)
    yield ratio("a redemption, 10,000 active tokens", "10 active tokens", "wall", many, few)


def _issue(seeded: Seeded, project_id: str, count: int) -> None:
    for _ in range(count):
        seeded.issue(project_id)


def _redemption(seeded: Seeded, project_id: str) -> float:
    with in_earnest(seeded):
        bodies = [seeded.request(project_id) for _ in range(REPETITIONS)]
    return median(timed(partial(register.register, seeded.control, body, None)) for body in bodies)
