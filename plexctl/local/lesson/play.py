"""Plays the lesson against a plane that is started for it and stopped after it, or against one that stays."""

import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from plexctl.local.bearers import read_bearers
from plexctl.local.lesson.operator import Operator
from plexctl.local.lesson.script import Lesson
from plexctl.local.plane import Plane
from plexctl.local.running import Running

_PREFIX = "plexctl-lesson-"
# Held back while the plane starts and stops: an exception in between would leave threads that never end.
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def lesson(variables: Mapping[str, str]) -> Iterator[Lesson]:
    """Start a plane on free ports and yield the lesson; the plane and its files are removed after the block.

    `variables` is the environment; plexctl's own settings in it are left out.

    Raises: PlaneError where the plane cannot be started.
    """
    with (
        _mask(signal.SIG_BLOCK, _SIGNALS) as before,
        tempfile.TemporaryDirectory(prefix=_PREFIX) as directory,
    ):
        plane = Plane(Path(directory) / "plane")
        plane.start()
        try:
            with _mask(signal.SIG_SETMASK, before):
                yield _lesson_on(plane, variables, directory, clean_up=True)
        finally:
            plane.stop()


@contextmanager
def lesson_on(plane: Running, variables: Mapping[str, str]) -> Iterator[Lesson]:
    """Yield the lesson for a plane that runs already and outlives it, and keeps its Nodes.

    `variables` is the environment.

    Raises: PlaneError; OSError.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as directory:
        yield _lesson_on(plane, variables, directory, clean_up=False)


def _lesson_on(plane: Plane | Running, variables: Mapping[str, str], config_home: str, *, clean_up: bool) -> Lesson:
    kept = {name: value for name, value in variables.items() if not name.startswith("PLEXSPHERE_")}
    environment = {
        "PLEXSPHERE_URL": plane.url,
        "PLEXSPHERE_TOKEN": read_bearers(Path(plane.data_dir))["admin"],
        "PLEXSPHERE_SIGNER_ENDPOINT": plane.signer_endpoint,
        "XDG_CONFIG_HOME": config_home,
    }
    return Lesson(Operator(kept | environment), plane.url, clean_up=clean_up)


@contextmanager
def _mask(how: int, signals: Iterable[int]) -> Iterator[set[int]]:
    """Change which signals this thread and those that it starts hold back, and yield which it held back before."""
    before = signal.pthread_sigmask(how, signals)
    try:
        yield {int(number) for number in before}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
