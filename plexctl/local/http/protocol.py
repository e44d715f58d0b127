"""uvicorn's HTTP protocol with limits on time: for a request's head, for a response's reader, and for a stop.

Bytes that are not HTTP, and a head that never comes, are answered with a problem document.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from plexctl.identifiers import uuid7
from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.http import problems

HEAD_SECONDS = 10  # from the connection, or from a head's first byte, to its last
READER_SECONDS = 60  # for a client to read on, once the response fills the buffers
STOP_BODY_SECONDS = 1  # for the rest of a body, once the plane stops

_MALFORMED = Refusal(reasons.MALFORMED_HTTP_REQUEST)
_LATE = Refusal(reasons.REQUEST_TIMEOUT, f"the header of the request did not arrive within {HEAD_SECONDS} s")
_LOG = logging.getLogger("plexctl.local.http")


class Protocol(H11Protocol):
    """One connection to the HTTP API; `idle_since` is the event loop's time since when no request has been running."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  uvicorn's own, passed on
        super().__init__(*arguments, **options)
        self.idle_since: float | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's signature
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.idle_since = self.loop.time()
        self._start("head", HEAD_SECONDS, self._refuse_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        for name in tuple(self._timers):
            self._stop(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        super().data_received(data)
        if self._is_idle():
            self._start("head", HEAD_SECONDS, self._refuse_late)
        else:
            self.idle_since = None
            self._stop("head")

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, for as long as uvicorn keeps the connection."""
        super().on_response_complete()
        if self._is_idle():
            self.idle_since = self.loop.time()

    def pause_writing(self) -> None:
        """Give the client a time to read on."""
        super().pause_writing()
        self._start("reader", READER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Note that the client has read on."""
        super().resume_writing()
        self._stop("reader")

    def shutdown(self) -> None:
        """Close the connection once its request is answered, and soon if the request's body does not come."""
        super().shutdown()
        self._start("stop", STOP_BODY_SECONDS, self._abandon)

    def close_idle(self) -> None:
        """Close the connection."""
        self.idle_since = None
        self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the refusal's own text says more than uvicorn's
        """Answer bytes that are not an HTTP request, and close the connection."""
        self._refuse(_MALFORMED)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _abandon(self) -> None:
        if not self._is_idle() and self.cycle.more_body and not self.cycle.response_started:
            self.transport.abort()

    def _refuse_late(self) -> None:
        if self.conn.trailing_data[0]:
            self._refuse(_LATE)
        else:
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        correlation_id, request_id = uuid7(), uuid7()
        document = problems.document(refusal, "/", correlation_id)
        body = json.dumps(document).encode()
        phrase = HTTPStatus(document["status"]).phrase.encode()
        headers = {
            "content-type": problems.MEDIA_TYPE,
            "content-length": str(len(body)),
            "connection": "close",
            "x-request-id": request_id,
            problems.CORRELATION_HEADER: correlation_id,
        }
        answer = h11.Response(status_code=document["status"], reason=phrase, headers=list(headers.items()))
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
        line = {"request_id": request_id, "status": document["status"], "code": refusal.code}
        _LOG.info("request", extra={"fields": {**line, "correlation_id": correlation_id}})

    def _start(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Start a timer, unless it runs."""
        if name not in self._timers and not self.transport.is_closing():
            self._timers[name] = self.loop.call_later(seconds, self._fire, name, act)

    def _fire(self, name: str, act: Callable[[], None]) -> None:
        del self._timers[name]
        if not self.transport.is_closing():
            act()

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
