"""A plane as a process: served until a signal, in the foreground or detached from everything."""

import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from plexctl import private_files
from plexctl.local import log, running
from plexctl.local.control.base.transaction import Settings
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.data_directory import STATE
from plexctl.local.plane import Plane
from plexctl.local.plane_error import PlaneError
from plexctl.local.running import Launch, Running

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(launch: Launch, ready: Callable[[Running], None]) -> int:
    """Run a plane until SIGTERM or SIGINT, let its requests finish, and return the signal.

    `ready` is called once it answers. A second signal ends the process at once.

    Raises: PlaneError.
    """
    os.umask(0o077)
    log.start(sys.stderr)
    with _signals() as received, _directory(launch):
        data_dir = Path(launch.data_dir)
        settings = Settings(**launch.settings)
        plane = Plane(data_dir, settings, port=launch.port, signer_port=launch.signer_port)
        plane.start()
        try:
            ready(_note(plane, ephemeral=launch.ephemeral))
            return received()
        finally:
            (data_dir / STATE).unlink(missing_ok=True)  # while the lock still keeps the next plane out
            plane.stop()


def main(report: str, launch: str) -> None:
    """Be the child that `process.start` makes: tell it over a pipe how the start went, then serve."""
    with os.fdopen(int(report), "w", encoding="utf-8") as pipe:

        def ready(answering: Running) -> None:
            with contextlib.suppress(BrokenPipeError):  # whoever asked is gone; the plane stays all the same
                pipe.write(json.dumps({"running": asdict(answering)}))
                pipe.close()

        try:
            serve(Launch(**json.loads(launch)), ready)
        except PlaneError as error:
            failure = {"title": error.title, "detail": error.detail, "advice": error.advice}
            pipe.write(json.dumps({"failure": failure}))
            sys.exit(1)


@contextlib.contextmanager
def _signals() -> Iterator[Callable[[], int]]:
    """Hold back the signals that stop a plane; the function waits for the first and returns it.

    Held back before any thread starts, and so in every one of them: a handler would run wherever the main thread is.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}

    def wait() -> int:
        number = signal.sigwait(_SIGNALS)
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)  # another one ends the process at once
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return number

    try:
        yield wait
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _directory(launch: Launch) -> Iterator[None]:
    try:
        yield
    finally:
        if launch.ephemeral:
            shutil.rmtree(launch.data_dir, ignore_errors=True)


def _note(plane: Plane, *, ephemeral: bool) -> Running:
    """Write down where the plane answers, for whoever looks into its directory."""
    started_at = to_wire(plane.control.clock())
    noted = Running(plane.url, plane.signer_endpoint, str(plane.data_dir), os.getpid(), started_at, ephemeral)
    state = plane.data_dir / STATE
    state.unlink(missing_ok=True)  # a killed plane's
    private_files.create(state, running.encode(noted).encode())
    return noted
