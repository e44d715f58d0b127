"""Bootstrap tokens, the registration that redeems one, and the removal of what it made."""

from plexctl.local.control.base import reasons
from plexctl.local.control.enrolment import register, removal, tokens
from plexctl.local.http import parameters
from plexctl.local.http.bodies import BodyRule
from plexctl.local.http.calls import Operation

_TOKENS = "/v1/projects/{project_id}/bootstrap-tokens"
_MANAGED = (reasons.PERMISSION_DENIED, reasons.PROJECT_NOT_FOUND)


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
        malformed_ids={"project_id": reasons.INVALID_PROJECT_ID},
        location=_TOKENS + "/{token_id}",
    ),
    Operation(
        "ListBootstrapTokens",
        "GET",
        _TOKENS,
        "List a Project's tokens, without their plaintext.",
        lambda call: tokens.list_page(call.control, call.operator, call.ids["project_id"], **call.query),
        "BootstrapTokenList",
        query=parameters.PAGE,
        refusals=_MANAGED,
        malformed_ids={"project_id": reasons.INVALID_PROJECT_ID},
    ),
    Operation(
        "GetBootstrapTokenMetadata",
        "GET",
        _TOKENS + "/{id}",
        "Read a token, without its plaintext.",
        lambda call: tokens.get(call.control, call.operator, call.ids["project_id"], call.ids["id"]),
        "BootstrapToken",
        refusals=(*_MANAGED, reasons.TOKEN_NOT_FOUND),
    ),
    Operation(
        "RevokeBootstrapToken",
        "DELETE",
        _TOKENS + "/{id}",
        "Revoke a token that has not been redeemed.",
        lambda call: tokens.revoke(call.control, call.operator, call.ids["project_id"], call.ids["id"]),
        None,
        status=204,
        refusals=(*_MANAGED, reasons.TOKEN_NOT_FOUND, reasons.TOKEN_ALREADY_CONSUMED, reasons.TOKEN_ALREADY_REVOKED),
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
        body=BodyRule("Registration"),
        refusals=(
            reasons.PUBLIC_KEY_INVALID,
            reasons.INVARIANT_VIOLATION,
            reasons.BOOTSTRAP_TOKEN_INVALID,
            reasons.KIND_MISMATCH,
            reasons.PROJECT_MISMATCH,
            reasons.TOKEN_INVALID,
            reasons.TOKEN_CONSUMED,
            reasons.TOKEN_EXPIRED,
            reasons.TOKEN_REVOKED,
            reasons.NONCE_COLLISION,
            reasons.RESOURCE_NOT_FOUND,
            reasons.RESOURCE_IN_USE,
            reasons.POOL_EXHAUSTED,
            reasons.SUBRANGE_EXHAUSTED,
        ),
    ),
    Operation(
        "DeleteResource",
        "DELETE",
        "/v1/resources/{id}",
        "Delete a Resource, and deregister its Node.",
        lambda call: removal.delete(call.control, call.operator, call.ids["id"], call.response),
        None,
        status=204,
        refusals=(reasons.PERMISSION_DENIED, reasons.RESOURCE_NOT_FOUND),
        malformed_ids={"id": reasons.INVALID_RESOURCE_ID},
    ),
)
