"""Costs of child processes and of functions, as medians of repetitions that take turns with their peers'."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
REPETITIONS = 15


class Ratio(NamedTuple):
    """How many times its peer's cost a subject's is; seconds of processor or wall time, or bytes."""

    subject: str
    against: str
    measure: str
    ratio: str


class Cost(NamedTuple):
    cpu: float  # user and system time of the child alone
    wall: float


def ratio(subject: str, against: str, measure: str, value: float, reference: float) -> Ratio:
    return Ratio(subject, against, measure, f"{value / reference:.2f}")


def children(commands: Mapping[str, Sequence[str]], variables: Mapping[str, str]) -> dict[str, Cost]:
    """Run Python with each of the arguments in fresh processes, in turns, after one turn that fills the caches."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    with TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "PYTHONPYCACHEPREFIX": f"{home}/pycache", **variables}
        for _ in range(REPETITIONS + 1):
            for name, arguments in commands.items():
                costs[name].append(_child([sys.executable, *arguments], environment))
    return {name: Cost(*map(median, zip(*each[1:], strict=True))) for name, each in costs.items()}


def _child(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in {0, 2}:  # 2 is a usage error, which is measured too
        raise RuntimeError(f"{command} ended with {child.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - started)


def seconds(*works: Callable[[], object]) -> list[float]:
    """Time functions in this process, in turns; each one's median."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(REPETITIONS):
        for work, spent in zip(works, times, strict=True):
            spent.append(timed(work))
    return [median(spent) for spent in times]


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
