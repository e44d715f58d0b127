"""The waiting half of a login (RFC 8628): polls at the server's pace until somebody has decided, and no longer."""

import re
import time
from collections.abc import Mapping

from plexctl import wire
from plexctl.clients.deadline import Deadline, DeadlineExceededError
from plexctl.clients.plexsphere import Plexsphere
from plexctl.failures import Failure, Kind

LONGEST_SECONDS = 3600  # whatever the server says
_SLOWER_SECONDS = 5  # RFC 8628, section 3.5
_MOST_FAILURES = 3  # in a row, of the way to the server
_LONGEST_TOKEN = 16_384
_EXPIRED = ("Login Expired", "nobody approved the login in time; run it again")
_DENIED = ("Login Denied", "the login was denied on the page; nothing was stored")
_ENDS: Mapping[str | None, tuple[str, str]] = {"access_denied": _DENIED, "expired_token": _EXPIRED}
_PENDING, _SLOW_DOWN = "authorization_pending", "slow_down"


def check_grant(grant: wire.DeviceGrant) -> None:
    """Check that what the server asks for can be done: a page to open, a code to compare, a pace to keep.

    Raises: Failure(malformed).
    """
    _require(re.fullmatch(r"https?://[!-~]{1,2000}", grant.verification_uri_complete), "its page is not an http URL")
    _require(re.fullmatch(r"[!-~]{1,64}", grant.user_code), "its user code cannot be shown")
    _require(grant.expires_in >= 1, "it has expired already")
    _require(1 <= grant.interval <= grant.expires_in, "its interval leaves no time to poll")


def wait_for_token(api: Plexsphere, grant: wire.DeviceGrant) -> wire.AccessToken:
    """Poll until the request is approved.

    Raises: Failure(conflict) where it is denied or expires; Failure, another one of the last poll.
    """
    end = time.monotonic() + lifetime_seconds(grant)
    interval, failures = grant.interval, 0
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(interval, left))
        try:
            return _poll(api, grant, end - time.monotonic())
        except Failure as failure:
            if failure.is_transient and failures < _MOST_FAILURES:
                failures += 1
                interval *= 2
                continue
            code = failure.code if failure.status == 400 else None
            if code in _ENDS:
                raise _ended(failure, *_ENDS[code]) from failure
            if code not in {_PENDING, _SLOW_DOWN}:
                raise
            failures = 0
            interval += _SLOWER_SECONDS * (code == _SLOW_DOWN)
    raise _expired()


def lifetime_seconds(grant: wire.DeviceGrant) -> int:
    """Return how long a request is waited for."""
    return min(grant.expires_in, LONGEST_SECONDS)


def _poll(api: Plexsphere, grant: wire.DeviceGrant, left_seconds: float) -> wire.AccessToken:
    """Poll once; even a server that stalls does not keep the login beyond the end of the request."""
    try:
        token = Deadline(max(left_seconds, 1)).run(lambda: api.poll_device_grant(grant.device_code)).view
    except DeadlineExceededError:
        raise _expired() from None
    is_token = re.fullmatch(r"[!-~]+", token.access_token) and len(token.access_token) <= _LONGEST_TOKEN
    _require(is_token and token.token_type.lower() == "bearer", "its token is not a bearer token")
    return token


def _expired() -> Failure:
    return Failure(Kind.CONFLICT, *_EXPIRED)


def _ended(failure: Failure, title: str, detail: str) -> Failure:
    """Say what a decision against the login means."""
    return Failure(
        Kind.CONFLICT,
        title,
        detail,
        status=failure.status,
        code=failure.code,
        request_id=failure.request_id,
        correlation_id=failure.correlation_id,
    )


def _require(condition: object, complaint: str) -> None:
    if not condition:
        detail = f"the server's response to the login cannot be used: {complaint}"
        raise Failure(Kind.MALFORMED, "Malformed Response", detail)
