"""The HTTP server: uvicorn in a thread of its own, listening on loopback only."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

import anyio.lowlevel
import uvicorn
from starlette.types import ASGIApp

from plexctl.local.http.acceptor import Acceptor, Connection
from plexctl.local.http.protocol import Protocol
from plexctl.local.plane_error import PlaneError
from plexctl.local.threads import VitalThread

HOST = "127.0.0.1"
BACKLOG = 1024  # connections that the system accepts ahead of the plane
DRAIN_SECONDS = 10
_KEEP_ALIVE_SECONDS = 75
_TICK_SECONDS = 0.1
_PAUSE_SECONDS = 0.01


def listen(port: int) -> socket.socket:
    """Bind the port. Call it before anything else is started, so that a busy port is found out first.

    Raises: PlaneError.
    """
    # asyncio turns Nagle's delay off only for sockets that name their protocol; with it each answer takes 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart need not wait for old connections
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        detail = f"the HTTP API cannot listen on {HOST}:{port}: {error.strerror}"
        raise PlaneError("Plane Not Started", detail, "choose another with --port; 0 means any free port") from None
    return listener


def start(app: ASGIApp, listener: socket.socket) -> Callable[[], None]:
    """Start serving and return the function that stops it, which lets running requests finish first.

    Raises: PlaneError.
    """
    server = _Server(_config(app))
    thread = VitalThread(target=server.serve_until_stopped, args=(listener,), name="http")
    thread.start()
    server.ready.wait()
    if not server.started:
        thread.join()
        raise PlaneError("Plane Not Started", "the HTTP API cannot serve", "the plane's log has the reason")

    def stop() -> None:
        server.stop()
        thread.join()

    return stop


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stopping = asyncio.Event()

    def serve_until_stopped(self, listener: socket.socket) -> None:
        """Run the event loop; `ready` is set once connections are accepted, or never will be."""
        try:
            asyncio.run(self.serve([listener]))
        finally:
            self.ready.set()  # nobody waits for a server that failed

    def stop(self) -> None:
        """Have the server stop, from another thread."""
        self.should_exit = True
        with contextlib.suppress(RuntimeError):  # the event loop has ended already
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections by our own means; see `Acceptor`."""
        await anyio.lowlevel.checkpoint()  # it imports its parts at first use, when there may be no file left to open
        self._loop = asyncio.get_running_loop()
        state = self.server_state

        def create() -> Protocol:
            return Protocol(config=self.config, server_state=state, app_state={})

        def connections() -> Iterable[Connection]:
            return [each for each in state.connections if isinstance(each, Protocol)]

        self.servers: list[Any] = [Acceptor(listener, create, connections) for listener in sockets or ()]
        self.started = True
        self.ready.set()

    async def main_loop(self) -> None:
        """Tick until `stop` is called; uvicorn's own loop would learn of that at the next tick only."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK_SECONDS)

    async def on_tick(self, counter: int) -> bool:
        """Tell, ten times per second, whether to stop, and fail where the accepting of connections has failed."""
        for acceptor in self.servers:
            acceptor.check()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, and wait for the requests that run, without the pauses that uvicorn makes between looks."""
        for acceptor in self.servers:
            await acceptor.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            await asyncio.wait_for(self._drained(), DRAIN_SECONDS)
        except TimeoutError:
            for task in list(self.server_state.tasks):
                task.cancel()

    async def _drained(self) -> None:
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110  they announce no change
            await asyncio.sleep(_PAUSE_SECONDS)
