"""A listening socket for asyncio that bears a lack of file descriptors."""

import errno
import logging
import socket
import time
from typing import Any, Self

_LACKS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_PAUSE_SECONDS = 0.9  # asyncio accepts again one second after a lack
_REPORT_SECONDS = 60.0

_LOG = logging.getLogger("plexctl.local.http")


class Listener(socket.socket):
    """Reports a lack once, and then has nothing to accept until asyncio's own pause is over.

    asyncio would try as often as connections may wait, thousands of times, and log each failure with its traceback.
    """

    _lacking_until = 0.0
    _reported_at = float("-inf")

    @classmethod
    def of(cls, listener: socket.socket) -> Self:
        """Take over a listening socket, which is closed only by way of what is returned."""
        return cls(listener.family, listener.type, listener.proto, listener.detach())

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept one connection.

        Raises: BlockingIOError where none waits, or during the pause; OSError.
        """
        if time.monotonic() < self._lacking_until:
            raise BlockingIOError
        try:
            return super().accept()
        except OSError as error:
            if error.errno in _LACKS:
                self._report(error)
            raise

    def _report(self, error: OSError) -> None:
        now = time.monotonic()
        self._lacking_until = now + _PAUSE_SECONDS
        if now - self._reported_at >= _REPORT_SECONDS:
            self._reported_at = now
            _LOG.warning("no connection can be accepted: %s; trying again every second", error.strerror)
