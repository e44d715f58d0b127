"""A response that is not a success → a Failure with every member of its problem document (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from plexctl.clients.http import load_httpx
from plexctl.codec import parts
from plexctl.failures import Failure, http_kind
from plexctl.payload import Bytes, Number
from plexctl.render.secrets import LONGEST_TEXT, mask_query

_EXCERPT_CHARACTERS = 200
_MEMBERS = ("title", "detail", "instance", "code", "correlation_id")


def failure_of(
    status: int, body: Bytes, request_id: str, headers: Mapping[str, str], location: str | None = None
) -> Failure:
    """Decode the problem document of a response; if the body is not one, the detail quotes the start of the body.

    The response's status wins over the document's `status`. `code` is the server's, or None. Members that no attribute
    of the Failure shows are its extensions. `headers` are the response's, with names in lower case, but `location`.
    """
    document = parts.named_values(body)
    values = {name: parts.value(text) for name, text in document if name in {*_MEMBERS, "reason"}}
    known = {name: text for name, text in values.items() if name in _MEMBERS and _is_text(text) and text}
    reason = values.get("reason")
    shown = {**known, "status": status}
    return Failure(
        http_kind(status, known.get("code"), reason),
        known.get("title") or _phrase(status),
        known.get("detail") or _explanation(status, body, values, location),
        status=status,
        code=known.get("code"),
        instance=known.get("instance"),
        request_id=request_id,
        correlation_id=known.get("correlation_id") or headers.get("x-correlation-id"),
        extensions=[(name, text) for name, text in document if name not in shown or parts.value(text) != shown[name]],
    )


def _explanation(status: int, body: Bytes, values: dict[str, Any], location: str | None) -> str:
    if location and 300 <= status < 400:
        place = mask_query(location[:LONGEST_TEXT])
        return f"the server redirects to {place}; redirects are never followed: set --server to where the API is"
    if _is_text(values.get("title")) and not values.get("detail"):
        return ""  # a problem document without a detail
    excerpt = " ".join(body[: 4 * _EXCERPT_CHARACTERS].decode("utf-8", "replace").split())
    return excerpt if len(excerpt) <= _EXCERPT_CHARACTERS else excerpt[:_EXCERPT_CHARACTERS] + "…"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _phrase(status: int) -> str:
    # httpx has the same phrases under every Python; those of http.HTTPStatus changed with 3.13
    return load_httpx().codes.get_reason_phrase(status) or f"HTTP Status {status}"
