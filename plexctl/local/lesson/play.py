"""Plays the lesson against a plane that is started for it and stopped after it."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from plexctl.local.bearers import read_bearers
from plexctl.local.lesson.operator import Operator
from plexctl.local.lesson.script import Lesson
from plexctl.local.plane import Plane


@contextmanager
def lesson(variables: Mapping[str, str]) -> Iterator[Lesson]:
    """Start a plane on free ports and yield the lesson; the plane and its files are removed after the block.

    `variables` is the environment; plexctl's own settings in it are left out.

    Raises: PlaneError where the plane cannot be started.
    """
    kept = {name: value for name, value in variables.items() if not name.startswith("PLEXSPHERE_")}
    with tempfile.TemporaryDirectory(prefix="plexctl-lesson-") as directory:
        plane = Plane(Path(directory) / "plane")
        plane.start()
        try:
            environment = {
                "PLEXSPHERE_URL": plane.url,
                "PLEXSPHERE_TOKEN": read_bearers(plane.data_dir)["admin"],
                "PLEXSPHERE_SIGNER_ENDPOINT": plane.signer_endpoint,
                "XDG_CONFIG_HOME": directory,
            }
            yield Lesson(Operator(kept | environment), plane.url)
        finally:
            plane.stop()
