"""What can be read of the plane of a directory: where it answers, and its log."""

from collections.abc import Iterator
from pathlib import Path

from plexctl.local import data_directory, log_files
from plexctl.local.data_directory import LOG
from plexctl.local.plane_error import PlaneError
from plexctl.local.running import Running, describe
from plexctl.local.state import SERVING, is_in_use, look

_START = "run 'plexctl local start'"


def status(directory: Path) -> Running:
    """Describe the running plane of a directory.

    Raises: PlaneError where none is running, or the one that is does not answer yet or any more; OSError.
    """
    state = look(directory)
    running = describe(state) if state else None
    if state is not None and (running is None or state.phase != SERVING):
        detail = f"the plane in {directory} is {state.phase} (process {state.pid})"
        raise PlaneError(f"Plane {state.phase.capitalize()}", detail, "try again")
    if running is None:
        raise PlaneError("No Plane Running", f"no plane is running in {directory}", _START)
    return running


def logs(directory: Path, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a plane's log; when following, until the plane stops.

    Raises: PlaneError where there is no log, or others can use it; OSError.
    """
    path = directory / LOG
    if not path.exists():
        raise PlaneError("No Plane Running", f"no plane has run in the background in {directory}", _START)
    data_directory.check(directory)
    return log_files.read_lines(path, lambda: follow and is_in_use(directory))
