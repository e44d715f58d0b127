"""A pytest plugin that runs tests of the rules under a wall clock that steps; CLOCK_STEP in the environment names how.

Tests about instants are left out: those that move the clock themselves, and those that compare with a literal time or
with the Node's own clock. So are those that take long for another reason, and usually those about a refusal, which are
many and seldom look at the clock.
"""

import functools
import inspect
import itertools
import os

import pytest

from tests.long_mode import pick

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND
# By how many microseconds the clock is off while a test is set up, and how far it moves at each reading.
STEPS = {
    "ahead-400d-after-set-up-and-back-2h-at-each-reading": (-400 * DAY, -7200 * SECOND),
    "back-400d-after-set-up-and-back-1s-at-each-reading": (400 * DAY, -SECOND),
}
LEFT_OUT = (
    "clock",
    "ticking",
    "2026-05-28T",
    "@given",
    "kill",
    "system_sources",
    "to_wire",
    "thousand",
    "at_once",
    "tracemalloc",
    *pick(("is_refused", "are_refused", "violates"), ()),
)
LEFT_OUT_FILES = ("test_heartbeat.py",)


class Step:
    """Where the clock is."""

    def __init__(self, name: str) -> None:
        self.set_up, at_each_reading = STEPS[name]
        self.offset = self.set_up
        self.readings = itertools.count(0, at_each_reading)

    def __call__(self, still: int) -> int:
        return still + self.offset + next(self.readings)


_step = Step(os.environ.get("CLOCK_STEP", next(iter(STEPS))))


def pytest_collection_modifyitems(config, items):
    from tests.local import conftest  # pytest has loaded it by now, and must be the first to

    setattr(conftest.Clock, "__call__", lambda clock: _step(clock.time))  # noqa: B010  mypy refuses the plain form
    kept = [item for item in items if not _is_left_out(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _is_left_out(item) -> bool:
    return item.path.name in LEFT_OUT_FILES or _names_what_is_left_out(item.function)


@functools.cache
def _names_what_is_left_out(function) -> bool:
    source = inspect.getsource(function)
    return any(word in source for word in LEFT_OUT)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    _step.offset = 0
    try:
        return (yield)
    finally:
        _step.offset = _step.set_up
