"""Runs a fleet in one event loop, on a thread of its own, until a signal ends it or no Node is left."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from plexctl.local.bearers import read_bearers
from plexctl.local.ending import Interrupted, Signals
from plexctl.local.fleet import enrolment, folder
from plexctl.local.fleet.api import Api
from plexctl.local.fleet.enrolment import Enrolment
from plexctl.local.fleet.folder import Folder
from plexctl.local.fleet.members import Counts, Members, Order
from plexctl.local.fleet.operator import Operator
from plexctl.local.plane_error import PlaneError
from plexctl.local.status import status

_TICK_SECONDS = 0.1
_LOOK_SECONDS = 0.5  # between two looks for a plane that is gone
_STOP_SECONDS = 5.0
_LAST_CALL_SECONDS = 2.0

Report = Callable[[Counts], None]


def serve(order: Order, data_dir: Path, report: Report) -> int | None:
    """Run a fleet over a plane's data directory; return the signal that ended it, or None when no Node is left.

    `report` is called with the counts time and again, on another thread.

    Raises: PlaneError; OSError.
    """
    with folder.locked(data_dir) as held, Signals() as signals:
        fleet = _Fleet(order, data_dir, held, report)
        try:
            signals.run(fleet.run)
        except Interrupted as interrupted:
            fleet.stop()
            return interrupted.number
    return None


class _Fleet:
    """A fleet over a plane that may end and start again."""

    def __init__(self, order: Order, data_dir: Path, held: Folder, report: Report) -> None:
        self._order = order
        self._data_dir = data_dir
        self._folder = held
        self._report = report
        self._counts = Counts()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._url: str | None = None
        self._looked_at = float("-inf")

    def run(self) -> None:
        """Run until `stop` is called, or no Node is left.

        Raises: PlaneError; OSError.
        """
        try:
            asyncio.run(self._until_stopped(self._work()))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Have it end, from another thread, and wait for that; a thread that does not end is given up."""
        self._stopping.set()
        self._ended.wait(_STOP_SECONDS)

    async def _until_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        while not task.done() and not self._stopping.is_set():
            self._report(self._counts)
            await asyncio.wait({task}, timeout=_TICK_SECONDS)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self._report(self._counts)

    async def _work(self) -> None:
        project_id = self._order.project_id
        async with contextlib.aclosing(Api(self._locate)) as api:
            operator = Operator(api, read_bearers(self._data_dir)["admin"], project_id)
            known = await enrolment.resume(operator, self._folder, project_id)
            enroller = Enrolment(api, operator, self._folder, project_id)
            try:
                await Members(self._order, api, enroller, known, self._counts).run()
            finally:
                if self._counts.enrolled < self._order.nodes:
                    with contextlib.suppress(Exception):
                        await asyncio.wait_for(operator.revoke_tokens(), _LAST_CALL_SECONDS)

    def _locate(self) -> str | None:
        """Return the URL of the directory's plane, or None while none is running; it looks only so often.

        Raises: PlaneError where the directory is gone, as that of an ephemeral plane that has stopped.
        """
        if time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            if not self._folder.is_in_place():
                detail = f"{self._folder.path} has been removed, and with it the Nodes' secrets"
                raise PlaneError("Fleet Ended", detail, "start the plane and the fleet again")
            self._url = None
            with contextlib.suppress(PlaneError):
                self._url = status(self._data_dir).url
        return self._url
