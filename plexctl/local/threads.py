"""Threads without which a plane cannot work."""

import logging
import os
import signal
import threading

_LOG = logging.getLogger("plexctl.local")


class VitalThread(threading.Thread):
    """A thread that stops the plane's process, as SIGTERM does, if its function fails."""

    has_failed = False

    def run(self) -> None:
        """Run the function, and stop the process if it raises."""
        try:
            super().run()
        except BaseException:  # noqa: BLE001  whatever ends the thread, the plane cannot work without it
            _LOG.critical("the thread %s has failed; the plane stops", self.name, exc_info=True)
            self.has_failed = True
            os.kill(os.getpid(), signal.SIGTERM)
