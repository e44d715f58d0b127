"""The HTTP API: every operation on its route."""

from collections.abc import Callable
from concurrent.futures import Executor
from itertools import groupby

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control
from plexctl.local.http import agent, approval_page, enrolment, mesh, meta, openapi, problems, signin, tenancy
from plexctl.local.http.calls import Operation
from plexctl.local.http.endpoints import endpoint
from plexctl.local.http.envelope import Envelope, UnreadBodies
from plexctl.local.store import StorageError, StorageFullError


def operations() -> list[Operation]:
    """Return the row of every operation, sorted by path."""
    wings = (meta, signin, tenancy, enrolment, mesh, agent)
    rows = [row for wing in wings for row in wing.OPERATIONS]
    document = openapi.operation(rows)
    return sorted([*rows, document], key=lambda row: row.path)


def create(control: Control, threads: Executor, wake: Callable[[], None]) -> Starlette:
    """Build the ASGI application: rules run in `threads`, and `wake` is called when the outbox may have got work."""
    app = Starlette(
        middleware=[Middleware(Envelope), Middleware(UnreadBodies)],
        exception_handlers={Refusal: _refused, StorageError: _not_stored, HTTPException: _unrouted},
    )
    app.router.redirect_slashes = False
    for path, rows in groupby([*operations(), *approval_page.PAGES], key=lambda row: row.path):
        of_path = list(rows)
        methods = [row.method for row in of_path]
        app.router.routes.append(Route(path, endpoint(control, of_path, threads, wake), methods=methods))
    return app


def _refused(request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal) or refusal.reason.http_status is None:
        raise refusal  # the envelope answers and logs it as a malfunction
    return problems.respond(refusal, request)


def _not_stored(request: Request, error: Exception) -> Response:
    """Answer a request that the storage failed; the log line has the driver's words."""
    request.state.log["reason"] = str(error)
    is_full = isinstance(error, StorageFullError)
    return problems.respond(Refusal(reasons.STORAGE_FULL if is_full else reasons.STORAGE_UNAVAILABLE), request)


def _unrouted(request: Request, error: Exception) -> Response:
    """Answer a request for a path without operations, or with a method that its path does not have."""
    allow = ", ".join(sorted((getattr(error, "headers", None) or {}).get("Allow", "").split(", ")))
    path = request.scope["path"]
    if not allow:
        return problems.respond(Refusal(reasons.NOT_FOUND, f"there is no operation at {path}"), request)
    refusal = Refusal(reasons.METHOD_NOT_ALLOWED, f"{path} takes {allow}, not {request.method}")
    return problems.respond(refusal, request, {"Allow": allow})
