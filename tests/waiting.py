"""How long a test waits for what must come: so long that only a hang ends it, however busy the machine is."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 60.0


def eventually(look: Callable[[], Any], wanted: Callable[[Any], bool] = bool) -> Any:
    """Look again and again until what is seen is what is wanted."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.01)
    return seen
