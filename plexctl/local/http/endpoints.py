"""Turns an operation's row into its endpoint: checks the caller and the ids, runs the rule, sends the response."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from plexctl import grammar
from plexctl.local import headers
from plexctl.local.control.base import authorization, reasons
from plexctl.local.control.base.pending import PendingResponse
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.http import content, parameters
from plexctl.local.http.calls import Call, Operation
from plexctl.local.http.json_response import JSONResponse

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


def endpoint(
    control: Control, operations: Sequence[Operation], threads: Executor, wake: Callable[[], None]
) -> Callable[[Request], Awaitable[ASGIApp]]:
    """Make the function that answers the operations of one path, each in one of `threads`.

    The threads must be long-lived, since each keeps a database connection. `wake` is called once a request that wrote
    to the outbox is answered.
    """
    by_method = {operation.method: operation for operation in operations}

    async def answer(request: Request) -> ASGIApp:
        operation = by_method["GET" if request.method == "HEAD" else request.method]
        body = await content.read(request, operation.body) if operation.body else b""
        loop = asyncio.get_running_loop()
        pending = control.responses.open()
        close = partial(_close, control, pending, wake)
        try:
            answered = await loop.run_in_executor(threads, _answer, control, threads, pending, operation, request, body)
        except BaseException:
            close()
            raise
        return _then(answered, close)

    return answer


def _close(control: Control, pending: PendingResponse, wake: Callable[[], None]) -> None:
    """Let the outbox rows go that a request wrote, if there are any."""
    control.responses.close(pending)
    if pending.rows:
        wake()


def _then(response: ASGIApp, close: Callable[[], None]) -> ASGIApp:
    """Make a response that calls `close` once it is sent or could not be sent."""

    async def send_and_close(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await response(scope, receive, send)
        finally:
            close()

    return send_and_close


def _answer(
    control: Control,
    threads: Executor,
    pending: PendingResponse,
    operation: Operation,
    request: Request,
    body: bytes | Refusal,
) -> Response:
    call = _call(control, threads, pending, operation, request, body)
    answer = operation.handler(call)
    if answer is None:
        return Response(status_code=operation.status)
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Iterator):
        return StreamingResponse(answer, operation.status, media_type="application/json")
    return JSONResponse(answer, operation.status, _location(operation, call, answer))


def _call(
    control: Control,
    threads: Executor,
    pending: PendingResponse,
    operation: Operation,
    request: Request,
    body: bytes | Refusal,
) -> Call:
    """Run the checks that come before every rule: the caller first, then the ids in the path, then the query."""
    bearer = headers.bearer(request.headers.get("authorization", ""))
    principal = _operator(control, bearer, operation)
    request.state.log["principal"] = principal and principal.name
    ids = {name: _id(name, text, operation.malformed_ids.get(name)) for name, text in request.path_params.items()}
    query = parameters.read(operation.query, request.query_params)
    query |= parameters.read(operation.header, request.headers)
    base_url = _base_url(request)
    return Call(
        control, pending, threads, base_url, request.headers, principal, bearer, ids, query, body, operation.body
    )


def _base_url(request: Request) -> str:
    """Return the plane's URL as the caller names it; a Host header that names no host is passed over."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        name, port = request.scope.get("server") or ("127.0.0.1", 80)
        host = f"{name}:{port}"
    return f"http://{host}"


def _operator(control: Control, bearer: str | None, operation: Operation) -> Principal | None:
    """Find the operator that a request's bearer belongs to, or None where it need not be an operator's.

    Raises: Refusal(unauthenticated).
    """
    if operation.caller not in {"operator", "either"}:
        return None
    principal = None if bearer is None else authorization.authenticate(control, bearer)
    if principal is not None or operation.caller == "either":
        return principal
    if bearer is None:
        raise Refusal(reasons.UNAUTHENTICATED, "send an operator's token in the Authorization header: Bearer <token>")
    detail = "this plane does not know the bearer token; `plexctl local token` prints a valid one"
    raise Refusal(reasons.UNAUTHENTICATED, detail)


def _id(name: str, text: str, malformed: Reason | None) -> str:
    """Read an id from the path; text that is not a UUID is kept, and finds nothing, if the operation has no refusal."""
    if not parameters.is_id(name):
        return text
    with contextlib.suppress(ValueError):
        identifier = grammar.uuid(text)
        if malformed is None or identifier != grammar.NIL_UUID:
            return identifier
    if malformed is None:
        return text
    raise Refusal(malformed, f"{name} {text!r} in the path is not a UUID, or is the nil UUID")


def _location(operation: Operation, call: Call, answer: Mapping[str, Any] | Sequence[Any]) -> dict[str, str]:
    if operation.location is None or not isinstance(answer, Mapping):
        return {}
    return {"Location": operation.location.format(**{**call.ids, **answer})}
