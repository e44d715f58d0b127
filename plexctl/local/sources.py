"""The clock and the random bytes of a plane; a test replaces them to move the time and to repeat a run."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple


class Sources(NamedTuple):
    """`now` returns Unix time in microseconds; `random_bytes` returns bytes fit for keys, except in tests."""

    now: Callable[[], int]
    random_bytes: Callable[[int], bytes]


def system_sources() -> Sources:
    """Return the clock and the random bytes of the operating system."""
    return Sources(now=lambda: time.time_ns() // 1000, random_bytes=os.urandom)
