"""Accepts connections: no more than there are file descriptors for, with a pause where the system refuses one."""

import asyncio
import errno
import logging
import resource
import socket
import time
from collections.abc import Callable, Iterable
from typing import Protocol

MOST_CONNECTIONS = 1024
LEAST_CONNECTIONS = 16
RESERVED_FILES = 96  # for the database's connections, the signer and the log
PAUSE_SECONDS = 0.2
REPORT_SECONDS = 60.0
CLOSED_AT_ONCE = 8  # idle connections, where the system has no descriptor left

_LOG = logging.getLogger("plexctl.local.http")


class Connection(Protocol):
    """What the acceptor asks of a connection."""

    idle_since: float | None

    def close_idle(self) -> None:
        """Close a connection on which no request is running."""


class Acceptor:
    """Serves a listening socket in place of an asyncio server, which retries without a pause and floods the log."""

    def __init__(
        self,
        listener: socket.socket,
        create: Callable[[], asyncio.Protocol],
        connections: Callable[[], Iterable[Connection]],
    ) -> None:
        """Start accepting, inside a running event loop; `connections` returns those that are open."""
        self._listener = listener
        self._create = create
        self._connections = connections
        self._most = connection_limit()
        self._reported_at = float("-inf")
        listener.setblocking(False)
        self._task = asyncio.get_running_loop().create_task(self._accept_all())

    def check(self) -> None:
        """Check that connections are still accepted.

        Raises: Exception, the one that has ended that.
        """
        if self._task.done() and not self._task.cancelled():
            self._task.result()

    async def close(self) -> None:
        """Accept no more."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _accept_all(self) -> None:
        while True:
            try:
                await self._accept()
            except ConnectionError:
                continue  # the client has gone before it was accepted
            except OSError as error:
                self._report(error)
                self._close_idle(CLOSED_AT_ONCE)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _accept(self) -> None:
        if len(list(self._connections())) >= self._most and not self._close_idle(1):
            raise OSError(errno.EMFILE, f"there are {self._most} connections, and a request is running on each")
        # the event loop's own sock_accept leaves a connection open that it had just accepted when it was cancelled
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            await self._wait_for_client()
            return
        connection.setblocking(False)
        await asyncio.get_running_loop().connect_accepted_socket(self._create, connection)

    async def _wait_for_client(self) -> None:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._listener, arrived.set)
        try:
            await arrived.wait()
        finally:
            loop.remove_reader(self._listener)

    def _close_idle(self, count: int) -> int:
        """Close the connections that have been idle longest, and return how many."""
        idle = [(each.idle_since, each) for each in self._connections() if each.idle_since is not None]
        longest = sorted(idle, key=lambda pair: pair[0])[:count]
        for _, connection in longest:
            connection.close_idle()
        return len(longest)

    def _report(self, error: OSError) -> None:
        if time.monotonic() - self._reported_at > REPORT_SECONDS:
            self._reported_at = time.monotonic()
            open_now = len(list(self._connections()))
            _LOG.warning("no connection can be accepted", extra={"fields": {"reason": str(error), "open": open_now}})


def connection_limit() -> int:
    """Return how many connections the process may have at once."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, files - RESERVED_FILES))
