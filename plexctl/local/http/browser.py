"""What a browser sends along: the session's cookie, the CSRF token, and the page that the request comes from."""

from starlette.requests import cookie_parser
from starlette.responses import Response

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.signin import browser_sessions
from plexctl.local.control.signin.browser_sessions import Session
from plexctl.local.http.calls import Call

SESSION_COOKIE = "plexsphere_session"
CSRF_COOKIE = "plexsphere_csrf"
CSRF_HEADER = "X-Plexsphere-CSRF"
_COOKIE_PATH = "/v1"


def cookie(call: Call, name: str) -> str:
    """Return the value of a cookie, or an empty text."""
    return cookie_parser(call.headers.get("cookie", "")).get(name, "")


def find_session(call: Call) -> Session | None:
    """Find the session that the request's cookie belongs to, or None."""
    value = cookie(call, SESSION_COOKIE)
    return browser_sessions.find(call.control, value) if value else None


def require_session(call: Call) -> Session:
    """Return the session of a request whose header has the CSRF token.

    Raises: Refusal(unauthenticated, csrf_origin_mismatch, csrf_token_mismatch).
    """
    session = find_session(call)
    if session is None:
        raise Refusal(reasons.UNAUTHENTICATED, f"sign in on the approval page first: it sets {SESSION_COOKIE}")
    check_origin(call)
    browser_sessions.check_csrf(call.headers.get(CSRF_HEADER.lower(), ""), cookie(call, CSRF_COOKIE), session)
    return session


def check_origin(call: Call) -> None:
    """Refuse a request that a page of another origin makes; one that no browser makes has no such headers.

    A browser that keeps referrers to itself sends the Origin null, but says in Sec-Fetch-Site that the page is ours.

    Raises: Refusal(csrf_origin_mismatch).
    """
    origin, site = call.headers.get("origin"), call.headers.get("sec-fetch-site")
    is_own = origin is not None and origin.partition("://")[2] == call.base_url.partition("://")[2]
    is_unsaid = origin is None and site in {None, "none"}
    if not (site == "same-origin" or is_own or is_unsaid):
        raise Refusal(reasons.CSRF_ORIGIN_MISMATCH)


def set_cookie(response: Response, name: str, value: str) -> None:
    """Have the browser keep a cookie for the length of a session; only the plane ever sees it."""
    lifetime = browser_sessions.LIFETIME_SECONDS
    response.set_cookie(name, value, max_age=lifetime, path=_COOKIE_PATH, httponly=True, samesite="strict")


def clear_cookies(response: Response) -> None:
    """Have the browser forget the session."""
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, path=_COOKIE_PATH, httponly=True, samesite="strict")
