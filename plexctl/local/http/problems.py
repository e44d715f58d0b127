"""Refusals as problem documents (RFC 9457)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request

from plexctl.identifiers import uuid7
from plexctl.local.control.base import reasons
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.http.json_response import JSONResponse
from plexctl.local.masking import masked

INTERNAL = Refusal(reasons.INTERNAL)

_CREDENTIALS = 401
_HEADERS: Mapping[Reason, Mapping[str, str]] = {  # RFC 9110, section 15.5.16
    reasons.UNSUPPORTED_CONTENT_CODING: {"Accept-Encoding": "gzip"},
    reasons.UNSUPPORTED_MEDIA_TYPE: {"Accept": "application/json"},
}
MEDIA_TYPE = "application/problem+json"
CORRELATION_HEADER = "X-Correlation-Id"
_TYPE = "https://plexsphere.com/errors/"
_TITLES = {  # as published, where they do not follow from the code
    "capabilities_body_too_large": "Payload Too Large",
    "capabilities_node_not_found": "Node Not Found",
    "endpoint_body_too_large": "Payload Too Large",
    "endpoint_peer_gone": "Peer Gone",
    "endpoint_peer_not_found": "Peer Not Found",
    "port_out_of_range": "Relay Port Out Of Range",
}
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
    if code in _TITLES:
        return _TITLES[code]
    words = code.replace("sub_range", "subrange").split("_")
    return " ".join(_SPELLINGS.get(word, word.capitalize()) for word in words)


def document(refusal: Refusal, instance: str, correlation_id: str) -> dict[str, Any]:
    """Make the problem document of a refusal; `instance` is the path of the request."""
    return {
        "type": _TYPE + refusal.code.replace("_", "-"),
        "title": title("permission_denied" if "reason" in refusal.extensions else refusal.code),
        "status": refusal.reason.http_status,
        "detail": masked(refusal.detail),
        "instance": instance,
        "code": refusal.code,
        "correlation_id": correlation_id,
        **{name: _masked(value) for name, value in refusal.extensions.items()},
    }


def _masked(value: object) -> object:
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return masked(value) if isinstance(value, str) else value


def _instance(request: Request) -> str:
    """Return the path as it was sent, unless it contains a credential, however that is percent-encoded."""
    path: str = request.scope["path"]
    if masked(path) != path:
        return quote(masked(path), safe="/*")
    return str(request.scope["raw_path"].decode())


def respond(refusal: Refusal, request: Request, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Answer with a problem; its correlation id is in the body, in a header and in the request's log line."""
    correlation_id = uuid7()
    request.state.log |= {"code": refusal.code, "correlation_id": correlation_id}
    problem = document(refusal, _instance(request), correlation_id)
    extra = {**(headers or {}), **_HEADERS.get(refusal.reason, {}), CORRELATION_HEADER: correlation_id}
    if problem["status"] == _CREDENTIALS:
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem, problem["status"], extra, media_type=MEDIA_TYPE)
