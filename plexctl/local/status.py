"""What can be read of the plane of a directory: where it answers, and its log."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from plexctl.local import data_directory, log_files, log_lines
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


def logs(
    directory: Path,
    *,
    follow: bool,
    tail: int | None = None,
    start: datetime | None = None,
    meanwhile: Callable[[], None],
) -> Iterator[str]:
    """Yield the lines of a plane's log, the last `tail` ones, from `start` on; when following, until the plane stops.

    When following, `meanwhile` is called before each look for new lines.

    Raises: PlaneError where there is no log, or others can use it; OSError.
    """
    log = _log(directory)
    skipped = 0
    if tail is not None:
        skipped = max(0, sum(1 for _ in _lines(log, start)) - tail)

    def is_followed() -> bool:
        if follow:
            meanwhile()
        return follow and is_in_use(directory)

    return islice(_lines(log, start, is_followed), skipped, None)


def _lines(log: Path, start: datetime | None, is_followed: Callable[[], bool] = lambda: False) -> Iterator[str]:
    lines = log_files.read_lines(log, is_followed)
    return lines if start is None else log_lines.since(lines, start)


def _log(directory: Path) -> Path:
    """Return the path of the log.

    Raises: PlaneError where there is no log, or others can use it; OSError.
    """
    path = directory / LOG
    if not path.exists():
        if is_in_use(directory):
            raise PlaneError("No Log", f"the plane in {directory} runs in the foreground, and logs to stderr")
        raise PlaneError("No Log", f"no plane has run in the background in {directory}", _START)
    data_directory.check(directory)
    return path
