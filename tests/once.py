"""What is made once in a whole run of the tests, however many workers need it."""

import fcntl
import json
from collections.abc import Callable
from typing import Any

import pytest

Once = Callable[[str, Callable[[], Any]], Any]


def once_in(factory: pytest.TempPathFactory, *, has_workers: bool) -> Once:
    """Return a function that gives what `make` returns, which JSON can express, under a name of its own.

    The first worker to ask makes it while the others wait; where that fails, the next one tries, and fails by itself.
    """
    base = factory.getbasetemp()
    directory = (base.parent if has_workers else base) / "once"
    directory.mkdir(exist_ok=True)

    def once(name: str, make: Callable[[], Any]) -> Any:
        made = directory / f"{name}.json"
        with (directory / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                written = made.with_suffix(".new")
                written.write_text(json.dumps(make()), encoding="utf-8")
                written.rename(made)
        return json.loads(made.read_text(encoding="utf-8"))

    return once
