"""What the plane says of itself and of its caller."""

import functools

from starlette.responses import JSONResponse

from plexctl import version
from plexctl.local.control.base import authorization, outbox
from plexctl.local.http.calls import Call, Operation
from plexctl.local.store import StoreError


def _health(call: Call) -> JSONResponse:
    problems = call.control.problems()
    if problems:
        checks = [{"name": "plane", "status": "down", "detail": problem} for problem in problems]
        return JSONResponse({"status": "down", "checks": checks}, 503)
    try:
        with call.control.read(None) as tx:
            waiting = outbox.waiting(tx)
    except StoreError as error:
        checks = [{"name": "database", "status": "down", "detail": str(error)}]
        return JSONResponse({"status": "down", "checks": checks}, 503)
    checks = [
        {"name": "database", "status": "ok", "detail": "the database can be read"},
        {"name": "outbox", "status": "ok", "detail": f"{waiting} waiting"},
    ]
    return JSONResponse({"status": "ok", "checks": checks})


@functools.cache  # finding the commit starts git
def _version() -> dict[str, str]:
    return dict(part.split("=", 1) for part in version.describe().split())


def _whoami(call: Call) -> dict[str, object]:
    return authorization.whoami(call.operator)


OPERATIONS = (
    Operation(
        "GetHealth",
        "GET",
        "/v1/health",
        "Tell whether the plane works.",
        _health,
        "Health",
        also=(503,),
        caller="anyone",
    ),
    Operation(
        "GetVersion",
        "GET",
        "/v1/version",
        "Tell which build this is.",
        lambda _: _version(),
        "Version",
        caller="anyone",
    ),
    Operation("GetAuthWhoami", "GET", "/v1/auth/whoami", "Tell who the bearer token belongs to.", _whoami, "Whoami"),
    Operation(
        "DeleteAuthSession",
        "DELETE",
        "/v1/auth/whoami",
        "Sign out; without a session there is nothing to end.",
        lambda _: None,
        None,
        status=204,
        caller="anyone",
    ),
)
