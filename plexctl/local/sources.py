"""Where the rules get time, ids and randomness from, so that a test can move the clock and repeat a run."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from plexctl.identifiers import uuid7


class Sources(NamedTuple):
    """The clock reads Unix microseconds in UTC; `random_bytes` must be fit for keys outside tests."""

    now: Callable[[], int]
    random_bytes: Callable[[int], bytes]

    def new_id(self) -> str:
        return uuid7(self.now() // 1000, self.random_bytes)


def system_sources() -> Sources:
    return Sources(now=lambda: time.time_ns() // 1000, random_bytes=os.urandom)
