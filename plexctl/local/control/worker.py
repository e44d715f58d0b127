"""The thread that delivers the outbox."""

import logging
import threading

from plexctl.local.control.base import outbox
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.mesh import deliveries
from plexctl.local.control.mesh.deliveries import NodeRegistered
from plexctl.local.control.mesh.key_rotation import PeerKeyRotated, RotateKeys
from plexctl.local.control.mesh.snapshot_events import NodeStateUpdated
from plexctl.local.control.signing.rotations import SigningKeyRotated
from plexctl.local.threads import VitalThread

HANDLERS: outbox.Handlers = {
    NodeRegistered: deliveries.anchor,
    NodeStateUpdated: deliveries.deliver_event,
    PeerKeyRotated: deliveries.deliver_event,
    RotateKeys: deliveries.deliver_event,
    SigningKeyRotated: deliveries.deliver_event,
}
_LONGEST_WAIT_SECONDS = 60.0  # by then a wall clock that was set ahead is noticed
_WAIT_AFTER_FAILURE_SECONDS = 1.0

_log = logging.getLogger("plexctl.local")


def deliver_due(control: Control) -> int:
    """Deliver every outbox row that is due, oldest first, and return how many were delivered."""
    return outbox.deliver_due(control, HANDLERS).delivered


class Worker:
    """The thread that delivers the outbox: first what an earlier run left, then each row once it is due."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._woken = threading.Event()
        self._stopping = False
        self._failure: Exception | None = None
        self._thread = VitalThread(target=self._run, name="outbox")

    def start(self) -> None:
        """Start the thread, and report on it to the plane's health."""
        self._thread.start()
        self._control.health.add("outbox", self._health)

    def wake(self) -> None:
        """Have the thread read the outbox now. Call it after a commit, from any thread; it returns at once."""
        self._woken.set()

    def stop(self) -> None:
        """Deliver the rows that are due already, then end the thread."""
        self._stopping = True
        self._woken.set()
        self._thread.join()

    def _health(self) -> str:
        if not self._thread.is_alive():
            raise RuntimeError("the thread that delivers the outbox has ended")
        if self._failure is not None:
            raise RuntimeError(f"the outbox could not be read or written: {self._failure}")
        with self._control.read(None) as tx:
            return f"{outbox.waiting(tx)} waiting"

    def _run(self) -> None:
        while not self._stopping:
            self._woken.wait(self._work())
            self._woken.clear()

    def _work(self) -> float:
        """Deliver what is due and return the seconds to wait for more."""
        try:
            delivered, left = outbox.deliver_due(self._control, HANDLERS)
            if delivered:
                self._control.listeners.notify()
        except Exception as error:  # noqa: BLE001  the thread must outlive a full disk
            self._report(error)
            return _WAIT_AFTER_FAILURE_SECONDS
        self._failure = None
        return _LONGEST_WAIT_SECONDS if left is None else min(left, _LONGEST_WAIT_SECONDS)

    def _report(self, error: Exception) -> None:
        """Log a failure once, however often it repeats itself, and keep it for the health check."""
        if str(error) != str(self._failure):
            _log.error("the outbox could not be read or written", exc_info=error)
        self._failure = error
