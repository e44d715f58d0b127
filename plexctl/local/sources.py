"""Where the rules get time and randomness from, so that a test can move the clock and repeat a run."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple


class Sources(NamedTuple):
    """`now` reads Unix microseconds; `random_bytes` must be fit for keys outside tests."""

    now: Callable[[], int]
    random_bytes: Callable[[int], bytes]


def system_sources() -> Sources:
    """Take both from the operating system."""
    return Sources(now=lambda: time.time_ns() // 1000, random_bytes=os.urandom)
