"""The page /v1/device, on which an operator decides about a device's request; it needs no script."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.signin import approval, browser_sessions, user_codes
from plexctl.local.control.signin.browser_sessions import Session
from plexctl.local.control.signin.device_grant import PAGE
from plexctl.local.http import approval_html, browser
from plexctl.local.http.bodies import BodyRule
from plexctl.local.http.calls import Call, Operation
from plexctl.local.http.parameters import Parameter

_USER_CODE = Parameter("user_code", {"type": "string"}, str, refusals=(), default="")
_DECISIONS: dict[str, approval.Decision] = {"approve": "approved", "deny": "denied"}


def _show(call: Call) -> Response:
    """Show the form that comes next: for the bearer, for the code, or for the decision."""
    session = browser.find_session(call)
    code = call.query["user_code"]
    try:
        if session is None:
            return _sign_in_page(call, code)
        if not code:
            return _page(session, approval_html.code_entry())
        asked = approval.read(call.control, session, code)
        return _page(session, approval_html.question(asked, session.csrf_token))
    except Refusal as refusal:
        return _refused(call, session, refusal, code)


def _submit(call: Call) -> Response:
    """Take one of the page's forms: the bearer, or the decision."""
    session = browser.find_session(call)
    code = ""
    try:
        form = call.form()
        code = form.get("user_code", "")
        browser.check_origin(call)
        presented = form.get("csrf_token", "")
        browser_sessions.check_csrf(presented, browser.cookie(call, browser.CSRF_COOKIE), session)
        if form.get("action") == "sign-in":
            return _sign_in(call, form)
        return _decide(call, session, form)
    except Refusal as refusal:
        return _refused(call, session, refusal, code)


def _sign_in(call: Call, form: dict[str, str]) -> Response:
    """Open a session, and lead the browser to the question; a reload then repeats no bearer."""
    cookie = browser_sessions.open_session(call.control, form.get("bearer", "").strip())
    code = form.get("user_code", "")
    query = f"?{urlencode({'user_code': user_codes.normalize(code)})}" if code else ""
    response = RedirectResponse(f"{PAGE}{query}", 303, approval_html.HEADERS)
    browser.set_cookie(response, browser.SESSION_COOKIE, cookie)
    browser.set_cookie(response, browser.CSRF_COOKIE, browser_sessions.csrf_token(call.control.vault, cookie))
    return response


def _decide(call: Call, session: Session | None, form: dict[str, str]) -> Response:
    decision = _DECISIONS.get(form.get("action", ""))
    if decision is None:
        raise Refusal(reasons.INVALID_BODY, "the form has no action that this page knows")
    if session is None:
        raise Refusal(reasons.UNAUTHENTICATED, "the session is over; sign in again")
    approval.decide(call.control, session, form.get("user_code", ""), decision)
    return _page(session, approval_html.decided(decision))


def _refused(call: Call, session: Session | None, refusal: Refusal, code: str) -> Response:
    """Say what was refused, above the form to go on with."""
    complaint, status = approval_html.complaint(refusal.detail), refusal.reason.http_status or 500
    if session is None:
        return _sign_in_page(call, code, complaint, status)
    return _page(session, complaint + approval_html.code_entry(), status)


def _sign_in_page(call: Call, code: str, complaint: str = "", status: int = 200) -> Response:
    """Ask for the bearer; the form and a cookie carry the same CSRF token."""
    token = browser.cookie(call, browser.CSRF_COOKIE) or browser_sessions.new_csrf_token(call.control.vault)
    response = _page(None, complaint + approval_html.sign_in(code, token), status)
    browser.set_cookie(response, browser.CSRF_COOKIE, token)
    return response


def _page(session: Session | None, content: str, status: int = 200) -> Response:
    html = approval_html.page(content, session.operator if session else None)
    response = HTMLResponse(html, status, approval_html.HEADERS)
    if session:
        browser.set_cookie(response, browser.CSRF_COOKIE, session.csrf_token)
    return response


_ROW: dict[str, Any] = {"schema": None, "caller": "anyone", "media_type": "text/html"}
PAGES = (
    Operation("ShowDevicePage", "GET", PAGE, "Show the approval page.", _show, query=(_USER_CODE,), **_ROW),
    Operation(
        "SubmitDevicePage",
        "POST",
        PAGE,
        "Take a form of the approval page.",
        _submit,
        body=BodyRule("", media_type="application/x-www-form-urlencoded"),
        **_ROW,
    ),
)
