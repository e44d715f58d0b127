"""Every reason to refuse: its code, and what HTTP and gRPC answer."""

from typing import NamedTuple


class Reason(NamedTuple):
    """A row of the table.

    `http_status` is None where no operation of the HTTP API refuses so, `grpc_status` where the signer does not.
    `detail` is the text of a refusal that always reads the same.
    """

    code: str
    http_status: int | None
    grpc_status: str | None = None
    detail: str = ""


def _signing(code: str, grpc_status: str, detail: str = "") -> Reason:
    return Reason(f"signing_{code}", None, grpc_status, detail)


ACCESS_DENIED = Reason("access_denied", 400, detail="the request was denied on the approval page; start another")
AUTHORIZATION_PENDING = Reason("authorization_pending", 400, detail="nobody has decided about the request yet")
BINARY_CHECKSUM_EMPTY = Reason("binary_checksum_empty", 400)
BINARY_CHECKSUM_INVALID = Reason("binary_checksum_invalid", 400)
BINARY_VERSION_EMPTY = Reason("binary_version_empty", 400)
CLOCK_SKEW = Reason("clock_skew", 400)
DECLARED_HOOKS_TOO_MANY = Reason("declared_hooks_too_many", 400)
DECLARED_HOOK_DUPLICATE = Reason("declared_hook_duplicate", 400)
DECLARED_HOOK_INVALID = Reason("declared_hook_invalid", 400)
EMPTY_PATCH = Reason("empty_patch", 400)
ENDPOINT_CLOCK_SKEW = Reason("endpoint_clock_skew", 400)
ENDPOINT_UNPARSEABLE = Reason("endpoint_unparseable", 400)
EXPIRED_TOKEN = Reason("expired_token", 400, detail="nobody approved the request in time; start another")
INVALID_BODY = Reason("invalid_body", 400)
INVALID_CURSOR = Reason("invalid_cursor", 400)
INVALID_DOMAIN = Reason("invalid_domain", 400)
INVALID_DOMAIN_FILTER = Reason("invalid_domain_filter", 400)
INVALID_DOMAIN_ID = Reason("invalid_domain_id", 400)
INVALID_GRANT = Reason(
    "invalid_grant", 400, detail="the device code is unknown, or its token was handed out already; start another"
)
INVALID_LAST_EVENT_ID = Reason("invalid_last_event_id", 400)
INVALID_LIMIT = Reason("invalid_limit", 400)
INVALID_PROJECT = Reason("invalid_project", 400)
INVALID_PROJECT_ID = Reason("invalid_project_id", 400)
INVALID_REACHABILITY_POLICY = Reason("invalid_reachability_policy", 400)
INVALID_REPORT = Reason("invalid_report", 400)
INVALID_RESOURCE_ID = Reason("invalid_resource_id", 400)
INVALID_RESOURCE_ORIGIN = Reason("invalid_resource_origin", 400)
INVALID_SCOPE = Reason("invalid_scope", 400)
MALFORMED_CAPABILITIES_REQUEST = Reason("malformed_capabilities_request", 400)
MALFORMED_ENDPOINT_REQUEST = Reason("malformed_endpoint_request", 400)
MALFORMED_HEARTBEAT_REQUEST = Reason("malformed_heartbeat_request", 400)
MALFORMED_HTTP_REQUEST = Reason(
    "malformed_http_request", 400, detail="this is not an HTTP/1.1 request, or its header is too long"
)
MALFORMED_KEYS_ROTATE_REQUEST = Reason("malformed_keys_rotate_request", 400)
PORT_OUT_OF_RANGE = Reason("port_out_of_range", 400)
PUBLIC_KEY_INVALID = Reason("public_key_invalid", 400)
SLOW_DOWN = Reason("slow_down", 400, detail="the poll came too soon; wait 5 s longer before each from now on")
SLUG_IMMUTABLE = Reason("slug_immutable", 400)
SSH_HOST_KEY_FINGERPRINT_INVALID = Reason("ssh_host_key_fingerprint_invalid", 400)
NSK_INVALID = Reason("nsk_invalid", 401)
NSK_REVOKED = Reason("nsk_revoked", 401)
UNAUTHENTICATED = Reason("unauthenticated", 401)
UNAUTHORIZED = Reason("unauthorized", 401)
CSRF_ORIGIN_MISMATCH = Reason(
    "csrf_origin_mismatch", 403, detail="the request comes from a page that is not the plane's own"
)
CSRF_TOKEN_MISMATCH = Reason(
    "csrf_token_mismatch", 403, detail="the CSRF token is missing, or is not that of the cookie and its session"
)
CURSOR_BINDING_MISMATCH = Reason("cursor_binding_mismatch", 403)
INSUFFICIENT_RELATION = Reason("insufficient_relation", 403)
KIND_MISMATCH = Reason("kind_mismatch", 403)
NODE_DEREGISTERED = Reason("node_deregistered", 403)
NODE_ID_MISMATCH = Reason("node_id_mismatch", 403)
NONCE_COLLISION = Reason("nonce_collision", 403)
PERMISSION_DENIED = Reason("permission_denied", 403)
PROJECT_MISMATCH = Reason("project_mismatch", 403)
TOKEN_CONSUMED = Reason("token_consumed", 403)
TOKEN_EXPIRED = Reason("token_expired", 403)
TOKEN_INVALID = Reason("token_invalid", 403)
TOKEN_REVOKED = Reason("token_revoked", 403)
CAPABILITIES_NODE_NOT_FOUND = Reason("capabilities_node_not_found", 404)
DEVICE_CODE_NOT_FOUND = Reason("device_code_not_found", 404, detail="no device has this code")
DOMAIN_NOT_FOUND = Reason("domain_not_found", 404)
ENDPOINT_PEER_NOT_FOUND = Reason("endpoint_peer_not_found", 404)
IDP_BINDING_NOT_FOUND = Reason(
    "idp_binding_not_found", 404, detail="there is no such Domain, or it has no such identity provider binding"
)
KEYS_ROTATE_PEER_NOT_FOUND = Reason("keys_rotate_peer_not_found", 404)
NODE_NOT_FOUND = Reason("node_not_found", 404)
NOT_FOUND = Reason("not_found", 404)
PEER_NOT_FOUND = Reason("peer_not_found", 404)
PROJECT_NOT_FOUND = Reason("project_not_found", 404)
REPORT_NOT_FOUND = Reason("report_not_found", 404)
RESOURCE_NOT_FOUND = Reason("resource_not_found", 404)
TOKEN_NOT_FOUND = Reason("token_not_found", 404)
METHOD_NOT_ALLOWED = Reason("method_not_allowed", 405)
REQUEST_TIMEOUT = Reason("request_timeout", 408)
BRIDGE_PORT_CONFLICT = Reason("bridge_port_conflict", 409)
DEVICE_CODE_ALREADY_APPROVED = Reason(
    "device_code_already_approved", 409, detail="the request with this code was approved before"
)
DEVICE_CODE_EXPIRED = Reason(
    "device_code_expired", 409, detail="the request with this code is too old or was denied; start another"
)
DOMAIN_NOT_EMPTY = Reason("domain_not_empty", 409)
DOMAIN_SLUG_CONFLICT = Reason("domain_slug_conflict", 409)
KEYS_ROTATE_NO_PENDING_ROTATION = Reason("keys_rotate_no_pending_rotation", 409)
MESH_CIDR_OVERLAP = Reason("mesh_cidr_overlap", 409)
PARENT_DOMAIN_MISSING = Reason("parent_domain_missing", 409)
PROJECT_NOT_EMPTY = Reason("project_not_empty", 409)
PROJECT_SLUG_CONFLICT = Reason("project_slug_conflict", 409)
PSK_NOT_READY = Reason("psk_not_ready", 409)
REPORT_QUOTA_EXCEEDED = Reason("report_quota_exceeded", 409)
RESOURCE_CONFLICT = Reason("resource_conflict", 409)
RESOURCE_IN_USE = Reason("resource_in_use", 409)
RESOURCE_NOT_BRIDGE = Reason("resource_not_bridge", 409)
SUB_RANGE_OVERLAP = Reason("sub_range_overlap", 409)
TOKEN_ALREADY_CONSUMED = Reason("token_already_consumed", 409)
TOKEN_ALREADY_REVOKED = Reason("token_already_revoked", 409)
ENDPOINT_PEER_GONE = Reason("endpoint_peer_gone", 410)
CAPABILITIES_BODY_TOO_LARGE = Reason("capabilities_body_too_large", 413)
ENDPOINT_BODY_TOO_LARGE = Reason("endpoint_body_too_large", 413)
KEYS_ROTATE_BODY_TOO_LARGE = Reason("keys_rotate_body_too_large", 413)
PAYLOAD_TOO_LARGE = Reason("payload_too_large", 413)
REQUEST_BODY_TOO_LARGE = Reason("request_body_too_large", 413)
UNSUPPORTED_CONTENT_CODING = Reason("unsupported_content_coding", 415)
UNSUPPORTED_MEDIA_TYPE = Reason("unsupported_media_type", 415)
BOOTSTRAP_TOKEN_INVALID = Reason("bootstrap_token_invalid", 422)
BUILTIN_ACTIONS_TOO_MANY = Reason("builtin_actions_too_many", 422)
BUILTIN_ACTION_DUPLICATE = Reason("builtin_action_duplicate", 422)
BUILTIN_ACTION_INVALID = Reason("builtin_action_invalid", 422)
INVARIANT_VIOLATION = Reason("invariant_violation", 422)
KEYS_ROTATE_PUBLIC_KEY_INVALID = Reason("keys_rotate_public_key_invalid", 422)
KEYS_ROTATE_PUBLIC_KEY_UNCHANGED = Reason("keys_rotate_public_key_unchanged", 422)
MESH_CIDR_INVALIDATES_ALLOCATION = Reason("mesh_cidr_invalidates_allocation", 422)
MESH_CIDR_INVALIDATES_SUBRANGE = Reason("mesh_cidr_invalidates_subrange", 422)
PLEXD_HOOKS_TOO_MANY = Reason("plexd_hooks_too_many", 422)
PLEXD_HOOK_DUPLICATE = Reason("plexd_hook_duplicate", 422)
PLEXD_HOOK_INVALID = Reason("plexd_hook_invalid", 422)
SUB_RANGE_INVALIDATES_ALLOCATION = Reason("sub_range_invalidates_allocation", 422)
TOO_MANY_USER_CODES = Reason(
    "too_many_user_codes", 429, detail="too many codes that no device has were tried; wait ten minutes"
)
INTERNAL = Reason(
    "internal", 500, detail="the plane failed on this request; its log has the reason under the request id"
)
RESOURCE_PROVISIONING_NOT_PROVISIONED = Reason("resource_provisioning_not_provisioned", 501)
SIGNED_EVENT_BUS_NOT_PROVISIONED = Reason("signed_event_bus_not_provisioned", 501)
POOL_EXHAUSTED = Reason("pool_exhausted", 503)
STORAGE_FULL = Reason(
    "storage_full", 503, detail="there is no room left where the plane keeps its data; nothing was changed"
)
STORAGE_UNAVAILABLE = Reason(
    "storage_unavailable", 503, detail="the plane cannot use its database; its log has the reason under the request id"
)
SUBRANGE_EXHAUSTED = Reason("subrange_exhausted", 503)

# What the signer says, byte for byte: operators and scripts match on these.
SIGNING_CALLER_NOT_AUTHENTICATED = _signing(
    "caller_not_authenticated", "UNAUTHENTICATED", "signing: caller not authenticated"
)
SIGNING_CALLER_NOT_PERMITTED = _signing("caller_not_permitted", "PERMISSION_DENIED", "signing: caller not permitted")
SIGNING_INVARIANT_VIOLATION = _signing("invariant_violation", "INVALID_ARGUMENT", "signing: invariant violation")
SIGNING_KEY_NOT_FOUND = _signing("key_not_found", "NOT_FOUND", "signing: key not found")
SIGNING_KEY_PROVIDER_UNAVAILABLE = _signing(
    "key_provider_unavailable", "UNAVAILABLE", "signing: key provider unavailable"
)
SIGNING_KEY_RETIRED = _signing("key_retired", "FAILED_PRECONDITION", "signing: key retired")
SIGNING_NO_OPEN_ROTATION = _signing("no_open_rotation", "FAILED_PRECONDITION", "signing: no open rotation")
SIGNING_ROTATION_IN_PROGRESS = _signing("rotation_in_progress", "FAILED_PRECONDITION", "signing: rotation in progress")
SIGNING_SCOPE_MISMATCH = _signing("scope_mismatch", "NOT_FOUND", "signing: scope mismatch")
SIGNING_SCOPE_NOT_PERMITTED = _signing("scope_not_permitted", "INVALID_ARGUMENT")
