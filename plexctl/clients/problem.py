"""An HTTP answer that is not a success → a Failure, with all of its problem document (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from plexctl.clients.payload import parse
from plexctl.failures import Failure, http_kind
from plexctl.wire import Malformed

_EXCERPT = 200
_MEMBERS = ("title", "detail", "instance", "code", "correlation_id")


def failure_of(status: int, body: bytes, request_id: str, location: str | None = None) -> Failure:
    """Decode a problem document whatever the status; a body that is none is quoted in short.

    The response's status wins over the document's member, and a code is the server's or None, never invented.
    """
    document = _object(body)
    known = {name: document[name] for name in _MEMBERS if isinstance(document.get(name), str)}
    reason = document.get("reason")
    return Failure(
        http_kind(status, known.get("code"), reason if isinstance(reason, str) else None),
        known.get("title") or _phrase(status),
        known.get("detail") or _explanation(status, body, document, location),
        status=status,
        code=known.get("code"),
        instance=known.get("instance"),
        request_id=request_id,
        correlation_id=known.get("correlation_id"),
        extensions={name: value for name, value in document.items() if name not in known and name != "status"},
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = parse(body)
    except Malformed:
        return {}
    return document if isinstance(document, dict) else {}


def _explanation(status: int, body: bytes, document: dict[str, Any], location: str | None) -> str:
    if location and 300 <= status < 400:
        return f"the server redirects to {location}; redirects are never followed: set --server to where the API is"
    if isinstance(document.get("title"), str) and not document.get("detail"):
        return ""  # the title says all there is
    excerpt = " ".join(body[: 4 * _EXCERPT].decode("utf-8", "replace").split())
    return excerpt if len(excerpt) <= _EXCERPT else excerpt[:_EXCERPT] + "…"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"HTTP Status {status}"
