"""Bootstrap tokens, and the registration that redeems one."""

from plexctl.local.control.enrolment import register, tokens
from plexctl.local.http.bodies import KIBIBYTE, BodyRule
from plexctl.local.http.calls import Call, Operation

_TOKENS = "/v1/projects/{project_id}/bootstrap-tokens"
_MANAGED = ("permission_denied", "project_not_found")


def _list_tokens(call: Call) -> dict[str, object]:
    return tokens.list_page(call.control, call.operator, call.ids["project_id"], *call.page())


OPERATIONS = (
    Operation(
        "IssueBootstrapToken",
        "POST",
        _TOKENS,
        "Issue a token that enrols one Node.",
        lambda call: tokens.issue(call.control, call.operator, call.ids["project_id"], call.body()),
        "IssuedBootstrapToken",
        status=201,
        body=BodyRule("BootstrapTokenIssue"),
        refusals=_MANAGED,
        malformed_ids={"project_id": "invalid_project_id"},
        location=_TOKENS + "/{token_id}",
    ),
    Operation(
        "ListBootstrapTokens",
        "GET",
        _TOKENS,
        "List a Project's tokens, without their plaintext.",
        _list_tokens,
        "BootstrapTokenList",
        query=("limit", "cursor"),
        refusals=_MANAGED,
        malformed_ids={"project_id": "invalid_project_id"},
    ),
    Operation(
        "GetBootstrapTokenMetadata",
        "GET",
        _TOKENS + "/{id}",
        "Read a token, without its plaintext.",
        lambda call: tokens.get(call.control, call.operator, call.ids["project_id"], call.ids["id"]),
        "BootstrapToken",
        refusals=(*_MANAGED, "token_not_found"),
    ),
    Operation(
        "RevokeBootstrapToken",
        "DELETE",
        _TOKENS + "/{id}",
        "Revoke a token that nobody has redeemed.",
        lambda call: tokens.revoke(call.control, call.operator, call.ids["project_id"], call.ids["id"]),
        None,
        status=204,
        refusals=(*_MANAGED, "token_not_found", "token_already_consumed", "token_already_revoked"),
    ),
    Operation(
        "PostRegister",
        "POST",
        "/v1/register",
        "Redeem a bootstrap token for a place in the mesh.",
        lambda call: register.register(call.control, call.body(), call.response),
        "Registered",
        status=201,
        caller="anyone",
        body=BodyRule("Registration", max_bytes=64 * KIBIBYTE),
        refusals=(
            "public_key_invalid",
            "kind_mismatch",
            "project_mismatch",
            "token_invalid",
            "token_consumed",
            "token_expired",
            "token_revoked",
            "nonce_collision",
            "resource_not_found",
            "invalid_register_request",
            "pool_exhausted",
            "subrange_exhausted",
        ),
    ),
)
