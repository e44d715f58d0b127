"""Plays the lesson against a plane that is started for it and stopped after it."""

import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from plexctl.local import process
from plexctl.local.bearers import read_bearers
from plexctl.local.lesson.operator import Operator
from plexctl.local.lesson.script import Lesson
from plexctl.local.plane import Plane
from plexctl.local.running import Launch, Running

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
                yield _on_plane(variables, directory, plane)
        finally:
            plane.stop()


@contextmanager
def _mask(how: int, signals: Iterable[int]) -> Iterator[set[int]]:
    """Change which signals this thread and those that it starts hold back, and yield which it held back before."""
    before = signal.pthread_sigmask(how, signals)
    try:
        yield {int(number) for number in before}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def kept_lesson(variables: Mapping[str, str], data_dir: Path) -> Iterator[tuple[Lesson, Running]]:
    """Start an ephemeral plane in the background and yield the lesson and that plane, which outlives this process.

    Where the block raises an exception, the plane is stopped. `variables` is the environment, as of `lesson`.

    Raises: PlaneError where the plane cannot be started.
    """
    plane = process.start(Launch(str(data_dir), 0, 0, {}, ephemeral=True))
    try:
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as directory:
            yield _on_plane(variables, directory, plane), plane
    except BaseException:
        process.stop(data_dir)
        raise


def _on_plane(variables: Mapping[str, str], config_home: str, plane: Plane | Running) -> Lesson:
    kept = {name: value for name, value in variables.items() if not name.startswith("PLEXSPHERE_")}
    environment = {
        "PLEXSPHERE_URL": plane.url,
        "PLEXSPHERE_TOKEN": read_bearers(Path(plane.data_dir))["admin"],
        "PLEXSPHERE_SIGNER_ENDPOINT": plane.signer_endpoint,
        "XDG_CONFIG_HOME": config_home,
    }
    return Lesson(Operator(kept | environment), plane.url)
