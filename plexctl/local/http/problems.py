"""Refusals as problem documents (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from plexctl.identifiers import uuid7
from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal

INTERNAL = Refusal(reasons.INTERNAL)

_CREDENTIALS = 401
MEDIA_TYPE = "application/problem+json"
CORRELATION_HEADER = "X-Correlation-Id"
_TYPE = "https://plexsphere.com/errors/"
_SPELLINGS = {
    "cidr": "CIDR",
    "http": "HTTP",
    "id": "ID",
    "internal": "Internal Server Error",
    "ip": "IP",
    "nsk": "NSK",
    "subrange": "Sub-range",
}


def title(code: str) -> str:
    """Spell out a code: `mesh_cidr_overlap` becomes "Mesh CIDR Overlap"."""
    words = code.replace("sub_range", "subrange").split("_")
    return " ".join(_SPELLINGS.get(word, word.capitalize()) for word in words)


def document(refusal: Refusal, instance: str, correlation_id: str) -> dict[str, Any]:
    """Make the problem document of a refusal; `instance` is the path of the request."""
    return {
        "type": _TYPE + refusal.code.replace("_", "-"),
        "title": title("permission_denied" if "reason" in refusal.extensions else refusal.code),
        "status": refusal.reason.http_status,
        "detail": refusal.detail,
        "instance": instance,
        "code": refusal.code,
        "correlation_id": correlation_id,
        **refusal.extensions,
    }


def respond(refusal: Refusal, request: Request, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Answer with a problem; its correlation id is in the body, in a header and in the request's log line."""
    correlation_id = uuid7()
    request.state.log |= {"code": refusal.code, "correlation_id": correlation_id}
    problem = document(refusal, request.scope["raw_path"].decode(), correlation_id)
    extra = {**(headers or {}), CORRELATION_HEADER: correlation_id}
    if problem["status"] == _CREDENTIALS:
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem, problem["status"], extra, media_type=MEDIA_TYPE)
