"""The plane in the background: how it is started and stopped."""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from plexctl.local import data_directory, ephemeral, holder, running
from plexctl.local.child import clean_environment, python_command
from plexctl.local.plane_error import PlaneError
from plexctl.local.running import Launch, Running, describe
from plexctl.local.state import REMOVING, SERVING, STARTING, State, look

START_SECONDS = 30
STOP_SECONDS = 20  # longer than a plane gives its requests to finish
_PAUSE_SECONDS = 0.02
# Reset the signal handling that the child inherits, so that a signal during the imports ends it without output. The
# imports leave no garbage; collecting it would take a sixth of their time.
_SERVE = """
import gc, signal
gc.disable()
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, ())
from plexctl.local.daemon import main
gc.enable()
main(*sys.argv[1:])
"""


def start(launch: Launch, announce: Callable[[Running], None] = lambda _: None, tether: int | None = None) -> Running:
    """Start a plane that outlives this process, and return once it answers and has been announced.

    Whatever happens before the announcement is complete, such as an interruption, ends the plane, too. `tether` is the
    reading end of a pipe: the plane ends when all of the pipe's writing ends are closed.

    Raises: PlaneError; Exception, the announcement's own.
    """
    try:
        return _start(launch, announce, tether)
    except PlaneError:
        found = already_running(launch)  # since another start was quicker
        if found is None:
            raise
        announce(found)
        return found


def already_running(launch: Launch) -> Running | None:
    """Return the plane that runs in the directory with the same options, or None; waits for one that starts.

    Raises: PlaneError where one runs with other options; OSError.
    """
    directory, deadline = Path(launch.data_dir), time.monotonic() + START_SECONDS
    if not (directory / data_directory.STATE).exists():
        return None  # the directory may be one that a start has to close to others first
    while (state := look(directory)) is not None and state.phase == STARTING and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    if state is not None and state.phase == STARTING:
        raise PlaneError("Plane Running", f"a plane is already running in {directory}: it is starting", "stop it first")
    if state is None or state.phase != SERVING:
        return None
    if not launch.options.items() <= (state.options or {}).items():
        detail = f"a plane is already running in {directory} with other options"
        raise PlaneError("Plane Running", detail, "stop it first, or start it with the options that it has")
    return describe(state)


def _start(launch: Launch, announce: Callable[[Running], None], tether: int | None) -> Running:
    directory = Path(launch.data_dir)
    try:
        data_directory.create(directory)
        log = data_directory.open_file(directory / data_directory.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    except OSError as error:
        raise PlaneError("Plane Not Started", f"{error.filename}: {error.strerror}") from None
    reading, writing = os.pipe()
    try:
        child = _spawn(launch, log, writing, tether)
    finally:
        os.close(writing)
        os.close(log)
    try:
        plane = _answer(reading, launch)
        announce(plane)
    except BaseException:
        _end(child, launch)
        raise
    child.returncode = 0  # it is meant to outlive its parent; Popen would warn of that
    return plane


def _spawn(launch: Launch, log: int, report: int, tether: int | None) -> "subprocess.Popen[bytes]":
    order = replace(launch, is_tethered=tether is not None)
    return subprocess.Popen(
        python_command(_SERVE, str(report), running.encode(order)),
        env=clean_environment(os.environ),
        stdin=subprocess.DEVNULL if tether is None else tether,
        stdout=log,
        stderr=log,
        cwd="/",
        pass_fds=(report,),
        start_new_session=True,
    )


def _answer(reading: int, launch: Launch) -> Running:
    """Wait for the child's report, and return the plane that answers.

    Raises: PlaneError, the child's own where it reported one.
    """
    answer: dict[str, Any] = {}
    with os.fdopen(reading, "rb") as report:
        if select.select([report], [], [], START_SECONDS)[0]:
            answer = json.loads(report.read() or "{}")
    if "running" in answer:
        return Running(**answer["running"])
    if "failure" in answer:
        raise PlaneError(**answer["failure"])
    log = Path(launch.data_dir) / data_directory.LOG
    advice = "start it without --ephemeral to keep its log" if launch.ephemeral else f"see {log}"
    raise PlaneError("Plane Not Started", "the plane ended, or took too long to answer", advice)


def _end(child: "subprocess.Popen[bytes]", launch: Launch) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if launch.ephemeral:
        ephemeral.remove(Path(launch.data_dir))


def stop(directory: Path) -> bool:
    """Stop the plane of a directory, by force if it takes too long; return False where none was running.

    Raises: PlaneError where it cannot be stopped, or cannot be distinguished from other processes; OSError.
    """
    state = look(directory)
    if state is None or state.phase == REMOVING:
        return False
    _send(directory, state, signal.SIGTERM)
    if not _has_ended(directory, state):
        _send(directory, state, signal.SIGKILL)
        if not _has_ended(directory, state):
            detail = f"the plane in {directory} has not stopped within {2 * STOP_SECONDS} s"
            raise PlaneError("Plane Not Stopped", detail, f"end it yourself: kill -KILL {state.pid}")
    if state.ephemeral:
        ephemeral.remove(directory)
    return True


def _send(directory: Path, state: State, number: int) -> None:
    """Signal the process that has the directory, unless it has ended meanwhile.

    Raises: PlaneError, with nothing sent, where it cannot be distinguished from other processes, or must not be
    signalled.
    """
    try:
        holder.send(state.pid, state.birth, number)
    except holder.Unproven:
        detail = f"nothing proves here that process {state.pid} is the plane in {directory}, so nothing was signalled"
        raise PlaneError(
            "Plane Not Stopped", detail, "stop it where it was started, such as in its container"
        ) from None
    except OSError as error:
        detail = f"process {state.pid} cannot be stopped: {error.strerror}"
        raise PlaneError("Plane Not Stopped", detail, "stop it as the user who started it") from None


def _has_ended(directory: Path, state: State) -> bool:
    """Wait until the process of a state has the directory no longer; return False when that takes too long.

    Raises: PlaneError; OSError.
    """
    deadline = time.monotonic() + STOP_SECONDS
    while (found := look(directory)) is not None and (found.pid, found.birth) == (state.pid, state.birth):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True
