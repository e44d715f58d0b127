"""Around every request: a request id on the answer, one line in the log, and a fixed answer to a malfunction."""

import logging
import time

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plexctl.local import headers
from plexctl.local.http import problems

_LOG = logging.getLogger("plexctl.local.http")


class Envelope:
    """ASGI middleware; handlers add to the log line through `request.state.log`, a dict."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        request_id = headers.request_id(request.headers.get("x-request-id", ""))
        line: dict[str, object] = {"request_id": request_id, "method": request.method, "path": scope["path"]}
        request.state.log = line
        started = time.perf_counter()

        async def send_identified(message: Message) -> None:
            if message["type"] == "http.response.start":
                line["status"] = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self.app(scope, receive, send_identified)
        except ClientDisconnect:
            pass  # nobody is left to answer; the line says so by having no status
        except Exception:
            _LOG.exception("malfunction", extra={"fields": {"request_id": request_id}})
            if "status" in line:
                raise  # the server cuts the connection, so that nobody takes half an answer for a whole one
            await problems.respond(problems.INTERNAL, request)(scope, receive, send_identified)
        finally:
            line["milliseconds"] = round((time.perf_counter() - started) * 1000, 3)
            _LOG.info("request", extra={"fields": line})
