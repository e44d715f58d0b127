"""A response that streams events (Server-Sent Events) until its client goes, its Node is gone, or the plane stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from plexctl.local.control.base.listeners import Listeners
from plexctl.local.control.mesh.event_bus import SignedEvent

KEEP_ALIVE_SECONDS = 25.0
HEADERS = {"Cache-Control": "no-cache", "X-Plexsphere-API-Version": "v1"}
_KEEP_ALIVE = b":keep-alive\n\n"


class EventStream(Response):
    """Streams the events that `read` returns for the position after which it is asked; None ends the stream.

    `read` runs in one of `threads`, again each time that the `listeners` are notified.
    """

    def __init__(
        self, read: Callable[[int], list[SignedEvent] | None], after: int, threads: Executor, listeners: Listeners
    ) -> None:
        super().__init__(headers=HEADERS, media_type="text/event-stream")
        del self.headers["content-length"]
        self._read = read
        self._after = after
        self._threads = threads
        self._listeners = listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head, and each event as it comes."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            gone = asyncio.create_task(_until_gone(receive))
            sending = asyncio.create_task(self._send_all(send))
            _, unfinished = await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
            for task in unfinished:
                task.cancel()
            await asyncio.wait({gone, sending})
            if not sending.cancelled():
                sending.result()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        async for frame in self._frames():
            await send({"type": "http.response.body", "body": frame, "more_body": True})

    async def _frames(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(woken.set)

        self._listeners.add(wake)
        try:
            while not self._listeners.is_closed:
                woken.clear()
                events = await loop.run_in_executor(self._threads, self._read, self._after)
                if events is None:
                    return
                for event in events:
                    self._after = event.sequence
                    yield f"id: {event.sequence}\nevent: {event.kind}\ndata: {event.envelope}\n\n".encode()
                if not events and not await _is_set_in_time(woken):
                    yield _KEEP_ALIVE
        finally:
            self._listeners.remove(wake)


async def _is_set_in_time(woken: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(KEEP_ALIVE_SECONDS):
            await woken.wait()
    except TimeoutError:
        return False
    return True


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
