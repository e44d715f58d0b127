"""Signing in and out: the device grant, API tokens, and who the caller is."""

from email.utils import formatdate

from starlette.responses import Response

from plexctl.local.control.base import authorization, reasons
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.control.signin import api_tokens, approval, bindings, browser_sessions, device_grant, user_codes
from plexctl.local.http import browser, parameters
from plexctl.local.http.bodies import BodyRule
from plexctl.local.http.calls import Call, Operation
from plexctl.local.http.json_response import JSONResponse

_TOKENS = "/v1/auth/tokens"
_NOT_STORED = {"Cache-Control": "no-store"}
_CACHING = {"Cache-Control": "no-store."}
_SUNSET = {"Sunset": "When the plaintext from before retires (RFC 8594)."}


def _start(call: Call) -> Response:
    client = call.headers.get("user-agent", "")
    return JSONResponse(device_grant.start(call.control, call.body(), client, call.base_url), headers=_NOT_STORED)


def _poll(call: Call) -> Response:
    return JSONResponse(device_grant.poll(call.control, call.body()), headers=_NOT_STORED)


def _approve(call: Call) -> dict[str, object]:
    session = browser.require_session(call)
    approval.decide(call.control, session, user_codes.read(call.body()), "approved")
    return {"status": "approved"}


def _bindings(call: Call) -> Response:
    return JSONResponse(bindings.list_shared(**call.query), headers=_NOT_STORED)


def _issue(call: Call) -> Response:
    return JSONResponse(api_tokens.issue(call.control, call.operator, call.body()), 201, _NOT_STORED)


def _rotate(call: Call) -> Response:
    answer, retires_at = api_tokens.rotate(call.control, call.operator, call.ids["id"])
    sunset = formatdate(retires_at // MICROSECONDS_PER_SECOND, usegmt=True)
    return JSONResponse(answer, headers={**_NOT_STORED, "Sunset": sunset})


def _sign_out(call: Call) -> Response:
    response = Response(status_code=204)
    browser_sessions.end(call.control, browser.cookie(call, browser.SESSION_COOKIE))
    browser.clear_cookies(response)
    return response


OPERATIONS = (
    Operation(
        "PostAuthDeviceCode",
        "POST",
        "/v1/auth/device-code",
        "Ask to be signed in (RFC 8628).",
        _start,
        "DeviceCode",
        caller="anyone",
        body=BodyRule("DeviceCodeRequest"),
        refusals=(reasons.IDP_BINDING_NOT_FOUND,),
        headers=_CACHING,
    ),
    Operation(
        "PostAuthDeviceToken",
        "POST",
        "/v1/auth/device-token",
        "Poll for the token that a device asked for.",
        _poll,
        "AccessToken",
        caller="anyone",
        body=BodyRule("DeviceTokenRequest"),
        refusals=(
            reasons.AUTHORIZATION_PENDING,
            reasons.SLOW_DOWN,
            reasons.ACCESS_DENIED,
            reasons.EXPIRED_TOKEN,
            reasons.INVALID_GRANT,
        ),
        headers=_CACHING,
    ),
    Operation(
        "PostAuthDeviceApprove",
        "POST",
        "/v1/auth/device/approve",
        "Approve what a device asks for; the page /v1/device does the same for people.",
        _approve,
        "DeviceApproval",
        caller="session",
        body=BodyRule("DeviceApproveRequest"),
        refusals=(
            reasons.DEVICE_CODE_NOT_FOUND,
            reasons.DEVICE_CODE_ALREADY_APPROVED,
            reasons.DEVICE_CODE_EXPIRED,
            reasons.TOO_MANY_USER_CODES,
        ),
    ),
    Operation(
        "GetAuthIdPBindings",
        "GET",
        "/v1/auth/idp-bindings",
        "List the identity providers to sign in with.",
        _bindings,
        "IdpBindings",
        caller="anyone",
        query=(parameters.DOMAIN_FILTER, parameters.SCOPE),
        headers=_CACHING,
        is_stored=False,
    ),
    Operation(
        "GetAuthTokens",
        "GET",
        _TOKENS,
        "List the caller's API tokens, without their plaintext.",
        lambda call: api_tokens.list_own(call.control, call.operator),
        "ApiTokens",
    ),
    Operation(
        "PostAuthTokens",
        "POST",
        _TOKENS,
        "Issue an API token to the caller.",
        _issue,
        "IssuedApiToken",
        status=201,
        body=BodyRule("ApiTokenIssue"),
        headers=_CACHING,
    ),
    Operation(
        "DeleteAuthTokenByID",
        "DELETE",
        _TOKENS + "/{id}",
        "Revoke one of the caller's API tokens at once.",
        lambda call: api_tokens.revoke(call.control, call.operator, call.ids["id"]),
        None,
        status=204,
        refusals=(reasons.TOKEN_NOT_FOUND,),
    ),
    Operation(
        "PostAuthTokenRotate",
        "POST",
        _TOKENS + "/{id}/rotate",
        "Replace the plaintext of one of the caller's API tokens.",
        _rotate,
        "RotatedApiToken",
        refusals=(reasons.TOKEN_NOT_FOUND,),
        headers={**_CACHING, **_SUNSET},
    ),
    Operation(
        "GetAuthWhoami",
        "GET",
        "/v1/auth/whoami",
        "Read who the bearer token belongs to.",
        lambda call: authorization.whoami(call.operator),
        "Whoami",
    ),
    Operation(
        "DeleteAuthSession",
        "DELETE",
        "/v1/auth/whoami",
        "End the session of the approval page; without one there is nothing to end.",
        _sign_out,
        None,
        status=204,
        caller="anyone",
    ),
)
