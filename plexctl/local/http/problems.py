"""THE table from refusal codes to HTTP statuses, and the problem documents (RFC 9457) made from it."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from plexctl.local.control.base.refusal import Refusal

INTERNAL = Refusal("internal", "the plane failed on this request; its log has the reason under the request id")

_CREDENTIALS = 401
MEDIA_TYPE = "application/problem+json"
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

STATUSES: Mapping[str, int] = {
    "binary_checksum_empty": 400,
    "binary_version_empty": 400,
    "clock_skew": 400,
    "empty_patch": 400,
    "invalid_body": 400,
    "invalid_cursor": 400,
    "invalid_domain": 400,
    "invalid_domain_filter": 400,
    "invalid_domain_id": 400,
    "invalid_limit": 400,
    "invalid_project": 400,
    "invalid_project_id": 400,
    "invalid_reachability_policy": 400,
    "malformed_heartbeat_request": 400,
    "malformed_http_request": 400,
    "malformed_keys_rotate_request": 400,
    "public_key_invalid": 400,
    "slug_immutable": 400,
    "nsk_invalid": 401,
    "nsk_revoked": 401,
    "unauthenticated": 401,
    "unauthorized": 401,
    "cursor_binding_mismatch": 403,
    "insufficient_relation": 403,
    "kind_mismatch": 403,
    "node_id_mismatch": 403,
    "nonce_collision": 403,
    "permission_denied": 403,
    "project_mismatch": 403,
    "token_consumed": 403,
    "token_expired": 403,
    "token_invalid": 403,
    "token_revoked": 403,
    "domain_not_found": 404,
    "keys_rotate_peer_not_found": 404,
    "node_not_found": 404,
    "not_found": 404,
    "project_not_found": 404,
    "resource_not_found": 404,
    "token_not_found": 404,
    "method_not_allowed": 405,
    "domain_not_empty": 409,
    "domain_slug_conflict": 409,
    "keys_rotate_no_pending_rotation": 409,
    "mesh_cidr_overlap": 409,
    "parent_domain_missing": 409,
    "project_not_empty": 409,
    "project_slug_conflict": 409,
    "sub_range_overlap": 409,
    "token_already_consumed": 409,
    "token_already_revoked": 409,
    "keys_rotate_body_too_large": 413,
    "request_body_too_large": 413,
    "invalid_register_request": 422,
    "keys_rotate_public_key_invalid": 422,
    "keys_rotate_public_key_unchanged": 422,
    "mesh_cidr_invalidates_allocation": 422,
    "mesh_cidr_invalidates_subrange": 422,
    "sub_range_invalidates_allocation": 422,
    "internal": 500,
    "pool_exhausted": 503,
    "subrange_exhausted": 503,
}


def title(code: str) -> str:
    """Spell a code out: `mesh_cidr_overlap` is titled Mesh CIDR Overlap."""
    words = code.replace("sub_range", "subrange").split("_")
    return " ".join(_SPELLINGS.get(word, word.capitalize()) for word in words)


def document(refusal: Refusal, instance: str) -> dict[str, Any]:
    """Make the problem document of one refusal; `instance` is the path that was asked for."""
    return {
        "type": _TYPE + refusal.code.replace("_", "-"),
        "title": title("permission_denied" if "reason" in refusal.extensions else refusal.code),
        "status": STATUSES[refusal.code],
        "detail": refusal.detail,
        "instance": instance,
        "code": refusal.code,
        **refusal.extensions,
    }


def respond(refusal: Refusal, request: Request, headers: Mapping[str, str] | None = None) -> JSONResponse:
    problem = document(refusal, request.scope["raw_path"].decode())
    extra = dict(headers or {})
    if problem["status"] == _CREDENTIALS:
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem, problem["status"], extra, media_type=MEDIA_TYPE)
