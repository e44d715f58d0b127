"""A plane as a process: it serves until a signal or a fault of its own, in the foreground or detached."""

import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from plexctl.local import log
from plexctl.local.control.base.transaction import Settings
from plexctl.local.data_directory import LOG
from plexctl.local.ending import Interrupted, Signals
from plexctl.local.log_files import RotatingHandler
from plexctl.local.plane import Plane
from plexctl.local.plane_error import PlaneError
from plexctl.local.running import Launch, Running, describe

_CHECK_SECONDS = 1.0
_STDIN = 0

_LOG = logging.getLogger("plexctl.local")


def serve(
    launch: Launch,
    ready: Callable[[Running], None],
    handler: logging.Handler,
    stopping: Callable[[], None] = lambda: None,
) -> int:
    """Run a plane until SIGTERM, SIGINT or SIGHUP, let its requests finish, and return the signal.

    `ready` is called once the plane answers, `stopping` before it stops; `handler` writes its log. A second SIGINT ends
    the process at once.

    Raises: PlaneError where the plane cannot start, or finds that its files or threads are gone; OSError.
    """
    os.umask(0o077)
    log.start(handler)
    with Signals(_STDIN if launch.is_tethered else None) as signals:
        plane = Plane(
            Path(launch.data_dir),
            Settings(**launch.settings),
            port=launch.port,
            signer_port=launch.signer_port,
            ephemeral=launch.ephemeral,
            run=signals.run,
        )
        try:
            plane.start()
            running = describe(plane.state)
            if running:
                ready(running)
            return _wait(plane, signals)
        except Interrupted as interrupted:
            return interrupted.number
        finally:
            stopping()
            plane.stop()


def main(report: str, launch: str) -> None:
    """Be the child that `process.start` makes: write to a pipe how the start went, then serve.

    A plane whose start nobody waits for any more ends.
    """
    descriptor = int(report)
    has_reported = False

    def write_report(content: dict[str, object]) -> None:
        nonlocal has_reported
        if not has_reported:
            has_reported = True
            os.write(descriptor, json.dumps(content).encode())
            os.close(descriptor)

    order = Launch(**json.loads(launch))
    try:
        handler = RotatingHandler(Path(order.data_dir) / LOG)
        serve(order, lambda running: write_report({"running": asdict(running)}), handler)
        write_report({"failure": {"title": "Plane Not Started", "detail": "it was stopped before it answered"}})
    except PlaneError as error:
        write_report({"failure": {"title": error.title, "detail": error.detail, "advice": error.advice}})
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except Exception:  # noqa: BLE001  nobody else is left to report it
        _LOG.exception("the plane failed")
        sys.exit(1)


def _wait(plane: Plane, signals: Signals) -> int:
    """Wait for a signal, and look at the plane meanwhile.

    Raises: PlaneError where something is wrong with it.
    """
    while True:
        number = signals.wait(_CHECK_SECONDS)
        problems = plane.problems()
        if problems:
            _LOG.error("the plane ends: %s", "; ".join(problems))
            raise PlaneError("Plane Ended", "; ".join(problems), "start it again")
        if number is not None:
            return number
