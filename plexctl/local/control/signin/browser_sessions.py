"""Sessions of operators who have signed in on the approval page, and the CSRF tokens that belong to them."""

import base64
import hmac
from typing import NamedTuple

from plexctl.local.control.base import authorization, reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.vault import Vault

LIFETIME_SECONDS = 600
_RANDOM_LENGTH = 32  # bytes


class Session(NamedTuple):
    """A session: its operator, the cookie's fingerprint that finds it, and its CSRF token."""

    operator: Principal
    fingerprint: bytes
    csrf_token: str


def open_session(control: Control, bearer: str) -> str:
    """Sign an operator in by a bearer, and return the session's cookie.

    Raises: Refusal(unauthenticated).
    """
    operator = authorization.authenticate(control, bearer)
    if operator is None:
        detail = "this plane does not know the bearer token; `plexctl local token` prints a valid one"
        raise Refusal(reasons.UNAUTHENTICATED, detail)
    cookie = _text(control.vault.random_bytes(_RANDOM_LENGTH))
    with control.write(None) as tx:
        tx.execute("DELETE FROM browser_sessions WHERE expires_at <= ?", (tx.now,))
        tx.execute(
            "INSERT INTO browser_sessions (fingerprint, principal_id, expires_at) VALUES (?, ?, ?)",
            (_fingerprint(tx.vault, cookie), operator.id, tx.now + LIFETIME_SECONDS * MICROSECONDS_PER_SECOND),
        )
    return cookie


def find(control: Control, cookie: str) -> Session | None:
    """Find the session that a cookie belongs to, or None."""
    with control.read(None) as tx:
        fingerprint = _fingerprint(tx.vault, cookie)
        row = tx.execute(
            "SELECT principals.id, name, email FROM browser_sessions JOIN principals ON principals.id = principal_id"
            " WHERE fingerprint = ? AND expires_at > ?",
            (fingerprint, tx.now),
        ).fetchone()
    return None if row is None else Session(Principal(*row), fingerprint, csrf_token(control.vault, cookie))


def end(control: Control, cookie: str) -> None:
    """End the session that a cookie belongs to, if there is one."""
    if find(control, cookie) is not None:
        with control.write(None) as tx:
            tx.execute("DELETE FROM browser_sessions WHERE fingerprint = ?", (_fingerprint(tx.vault, cookie),))


def csrf_token(vault: Vault, cookie: str) -> str:
    """Return the CSRF token of a session."""
    return _text(vault.fingerprint("csrf", cookie))


def new_csrf_token(vault: Vault) -> str:
    """Make the CSRF token of a visitor who has not signed in yet."""
    return _text(vault.random_bytes(_RANDOM_LENGTH))


def check_csrf(presented: str, cookie: str, session: Session | None) -> None:
    """Refuse unless the token presented is that of the cookie and, where there is a session, the session's.

    Raises: Refusal(csrf_token_mismatch).
    """
    expected = session.csrf_token if session else cookie
    is_right = hmac.compare_digest(presented.encode(), cookie.encode())
    if not presented or not is_right or not hmac.compare_digest(presented.encode(), expected.encode()):
        raise Refusal(reasons.CSRF_TOKEN_MISMATCH)


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _fingerprint(vault: Vault, cookie: str) -> bytes:
    return vault.fingerprint("session", cookie)
