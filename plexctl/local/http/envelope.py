"""Middleware around every request: adds the request id, logs one line, answers malfunctions, closes connections."""

import logging
import time
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plexctl.local import headers
from plexctl.local.http import problems
from plexctl.local.masking import masked

_LOG = logging.getLogger("plexctl.local.http")


class Envelope:
    """ASGI middleware that logs each request; handlers add to the log line through `request.state.log`, a dict."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it."""
        request = Request(scope)
        request_id = headers.request_id(request.headers.get("x-request-id", ""))
        target = {"method": masked(request.method), "path": masked(scope["path"])}
        line: dict[str, Any] = {"request_id": request_id, **target}
        request.state.log = line
        started = time.perf_counter()
        try:
            await self._answer(request, receive, _identified(line, send))
        except ClientDisconnect:
            pass  # the client is gone and nobody can be answered; the line then has no status
        finally:
            line["milliseconds"] = round((time.perf_counter() - started) * 1000, 3)
            _LOG.info("request", extra={"fields": line})

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        line = request.state.log
        try:
            await self.app(request.scope, receive, send)
        except ClientDisconnect:
            raise
        except Exception:
            _LOG.exception("malfunction", extra={"fields": {"request_id": line["request_id"]}})
            if "status" in line:
                raise  # the server closes the connection, so that half an answer is not taken for a whole one
            await problems.respond(problems.INTERNAL, request)(request.scope, receive, send)


class UnreadBodies:
    """ASGI middleware that closes the connection after an answer if part of the body was not read.

    The server would otherwise read on to find the next request, and such a body may have no end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        given = Request(scope).headers
        is_unread = "transfer-encoding" in given or given.get("content-length", "0") != "0"

        async def receive_to_the_end() -> Message:
            nonlocal is_unread
            message = await receive()
            is_unread = is_unread and message.get("more_body", False)
            return message

        async def send_closing(message: Message) -> None:
            if message["type"] == "http.response.start" and is_unread:
                message["headers"].append((b"connection", b"close"))
            await send(message)

        await self.app(scope, receive_to_the_end, send_closing)


def _identified(line: dict[str, Any], send: Send) -> Send:
    """Make a `send` that puts the request id on the answer and its status into the log line."""

    async def send_with_id(message: Message) -> None:
        if message["type"] == "http.response.start":
            line["status"] = message["status"]
            message["headers"].append((b"x-request-id", line["request_id"].encode()))
        await send(message)

    return send_with_id
