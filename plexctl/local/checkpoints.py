"""The thread that moves committed changes from the database's log (WAL) into its file, so that no writer has to."""

import logging
import threading

from plexctl.local.store import Store, StoreError
from plexctl.local.threads import VitalThread

PAUSE_SECONDS = 1.0

_LOG = logging.getLogger("plexctl.local")


class Checkpoints:
    """Looks at the log every second."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopping = threading.Event()
        self._thread = VitalThread(target=self._run, name="checkpoints")

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        failed = False
        while not self._stopping.wait(PAUSE_SECONDS):
            try:
                self._store.checkpoint()
                failed = False
            except StoreError as error:  # the next write reports it to whoever asked for it
                if not failed:
                    _LOG.warning("the database's log could not be moved into its file: %s", error)
                failed = True
