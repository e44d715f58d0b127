"""Health and version."""

import functools

from plexctl import version
from plexctl.local.http.calls import Call, Operation
from plexctl.local.http.json_response import JSONResponse


def _health(call: Call) -> JSONResponse:
    checks = call.control.check_health()
    is_down = any(check.status == "down" for check in checks)
    document = {"status": "down" if is_down else "ok", "checks": [check._asdict() for check in checks]}
    return JSONResponse(document, 503 if is_down else 200)


@functools.cache  # finding the commit starts git
def _version() -> dict[str, str]:
    return dict(part.split("=", 1) for part in version.describe().split())


OPERATIONS = (
    Operation(
        "GetHealth",
        "GET",
        "/v1/health",
        "Check the plane.",
        _health,
        "Health",
        also=(503,),
        caller="anyone",
        is_stored=False,
    ),
    Operation(
        "GetVersion",
        "GET",
        "/v1/version",
        "Read which build this is.",
        lambda _: _version(),
        "Version",
        caller="anyone",
        is_stored=False,
    ),
)
