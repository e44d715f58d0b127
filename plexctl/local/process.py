"""The plane in the background: how it is started, found and stopped, and what is left of it then."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from plexctl.local import data_directory, running
from plexctl.local.bearers import BEARERS_FILE
from plexctl.local.child import python_command
from plexctl.local.data_directory import Lock
from plexctl.local.plane_error import PlaneError
from plexctl.local.running import Launch, Running
from plexctl.private_files import draft_prefix

START_SECONDS = 30
STOP_SECONDS = 20  # longer than a plane gives its requests to finish
_PAUSE_SECONDS = 0.02
_FILES = (  # all that a plane makes; SQLite puts two beside its own
    f"{data_directory.DATABASE}*",
    data_directory.ROOT_KEY,
    data_directory.STATE,
    data_directory.LOG,
    data_directory.LOCK,
    BEARERS_FILE,
    *(f"{draft_prefix(name)}*" for name in (data_directory.ROOT_KEY, data_directory.STATE, BEARERS_FILE)),
)

_START = "run 'plexctl local start'"
_SERVE = "from plexctl.local.daemon import main; main(*sys.argv[1:])"


def start(launch: Launch) -> Running:
    """Start a plane that outlives this process, and return once it answers.

    Raises: PlaneError.
    """
    directory = Path(launch.data_dir)
    try:
        data_directory.create(directory)
        log = os.open(directory / data_directory.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise PlaneError("Plane Not Started", f"{error.filename}: {error.strerror}") from None
    reading, writing = os.pipe()
    try:
        child = _spawn(launch, log, writing)
    finally:
        os.close(writing)
        os.close(log)
    with os.fdopen(reading, "rb") as report:
        return _answer(child, report, directory)


def _spawn(launch: Launch, log: int, report: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        python_command(_SERVE, str(report), running.encode(launch)),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        pass_fds=(report,),
        start_new_session=True,
    )


def _answer(child: "subprocess.Popen[bytes]", report: IO[bytes], directory: Path) -> Running:
    """Wait for the child's report; terminates the child if the wait is interrupted.

    Raises: PlaneError, the child's own where it reported one.
    """
    try:
        in_time = select.select([report], [], [], START_SECONDS)[0]
        answer = json.loads(report.read() or "{}") if in_time else {}
    except BaseException:
        child.terminate()
        raise
    if "running" in answer:
        child.returncode = 0  # it is meant to outlive its parent; Popen would warn of that
        return Running(**answer["running"])
    child.kill()
    child.wait()
    if "failure" in answer:
        raise PlaneError(**answer["failure"])
    advice = f"see {directory / data_directory.LOG}"
    raise PlaneError("Plane Not Started", "the plane ended, or took too long to answer", advice)


def stop(directory: Path) -> bool:
    """Stop the plane of a directory, by force if it takes too long, and tell whether one was running.

    Raises: PlaneError where it cannot be stopped, or its note of itself is damaged.
    """
    if not data_directory.is_in_use(directory):
        return False
    plane = running.read(directory)
    if not (_end(directory, plane, signal.SIGTERM) or _end(directory, plane, signal.SIGKILL)):
        raise PlaneError("Plane Not Stopped", f"the plane in {directory} has not stopped within {2 * STOP_SECONDS} s")
    if plane is not None and plane.ephemeral:
        shutil.rmtree(directory, ignore_errors=True)
    return True


def _end(directory: Path, plane: Running | None, number: int) -> bool:
    """Send a signal and wait until the lock is free; a plane that is already stopping has left no id to send it to."""
    if plane is not None:
        try:
            os.kill(plane.pid, number)
        except OSError as error:
            detail = f"process {plane.pid} cannot be stopped: {error.strerror}"
            raise PlaneError("Plane Not Stopped", detail) from None
    deadline = time.monotonic() + STOP_SECONDS
    while data_directory.is_in_use(directory):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


def status(directory: Path) -> Running:
    """Describe the running plane of a directory.

    Raises: PlaneError where none is running.
    """
    plane = running.read(directory)
    if plane is None or not data_directory.is_in_use(directory):
        raise PlaneError("No Plane Running", f"no plane is running in {directory}", _START)
    return plane


def logs(directory: Path, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a plane's log; when following, until the plane stops.

    Raises: PlaneError where there is no log.
    """
    path = directory / data_directory.LOG
    if not path.exists():
        raise PlaneError("No Plane Running", f"no plane has run in the background in {directory}", _START)
    with path.open(encoding="utf-8", errors="replace") as log:
        while True:
            goes_on = follow and data_directory.is_in_use(directory)  # asked before reading, so that no line is lost
            yield from log
            if not goes_on:
                return
            time.sleep(_PAUSE_SECONDS)


def reset(directory: Path) -> bool:
    """Remove what planes have left in a directory, and tell whether there was anything.

    Other files stay, and so does the directory then.

    Raises: PlaneError where a plane is running; OSError.
    """
    if not (directory / data_directory.LOCK).exists():
        return False
    lock = Lock(directory)
    lock.acquire()
    try:
        for pattern in _FILES:
            for file in directory.glob(pattern):
                file.unlink()
    finally:
        lock.release()
    with contextlib.suppress(OSError):
        directory.rmdir()
    return True
