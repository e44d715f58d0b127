"""The decision about a device's request, found by its user code; too many wrong codes are refused."""

from typing import Literal, NamedTuple

from plexctl.local.control.base import limits, reasons, relations
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Domain
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.signin import user_codes
from plexctl.local.control.signin.browser_sessions import Session
from plexctl.local.store import Row

Decision = Literal["approved", "denied"]


class Asked(NamedTuple):
    """What a device asks for; `domain_name` is None for those who may not read the Domain."""

    user_code: str
    domain_id: str
    domain_name: str | None
    client: str
    requested_at: str


def read(control: Control, session: Session, user_code: str) -> Asked:
    """Show a request that is not decided yet.

    Raises: Refusal(too_many_user_codes, device_code_not_found, device_code_already_approved, device_code_expired).
    """
    with control.write(None) as tx:
        found = _find(tx, session, user_code)
        answer = found if isinstance(found, Reason) else _asked(tx, session, found)
    if isinstance(answer, Reason):  # only now, so that a wrong code stays counted
        raise Refusal(answer)
    return answer


def decide(control: Control, session: Session, user_code: str, decision: Decision) -> None:
    """Approve a request, so that its device gets a token of the session's operator, or deny it.

    Raises: Refusal(too_many_user_codes, device_code_not_found, device_code_already_approved, device_code_expired).
    """
    with control.write(None) as tx:
        found = _find(tx, session, user_code)
        if not isinstance(found, Reason):
            tx.execute(
                "UPDATE device_requests SET state = ?, principal_id = ? WHERE fingerprint = ?",
                (decision, session.operator.id, found["fingerprint"]),
            )
    if isinstance(found, Reason):  # only now, so that a wrong code stays counted
        raise Refusal(found)


def _find(tx: Transaction, session: Session, user_code: str) -> Row | Reason:
    """Find a request that is not decided yet, or return why there is none; count a code that no device has."""
    (tried,) = tx.execute(
        "SELECT coalesce(sum(wrong_codes), 0) FROM browser_sessions WHERE principal_id = ? AND expires_at > ?",
        (session.operator.id, tx.now),
    ).fetchone()
    if tried >= limits.USER_CODES_TRIED.most:
        return reasons.TOO_MANY_USER_CODES
    found = tx.execute(
        "SELECT device_requests.*, domains.slug FROM device_requests JOIN domains ON domains.id = domain_id"
        " WHERE user_code = ?",
        (user_codes.normalize(user_code),),
    ).fetchone()
    if found is None:
        tx.execute(
            "UPDATE browser_sessions SET wrong_codes = wrong_codes + 1 WHERE fingerprint = ?", (session.fingerprint,)
        )
        return reasons.DEVICE_CODE_NOT_FOUND
    return _reason_against(tx, found) or found


def _reason_against(tx: Transaction, found: Row) -> Reason | None:
    if found["state"] in ("approved", "redeemed"):
        return reasons.DEVICE_CODE_ALREADY_APPROVED
    if found["state"] == "denied" or found["expires_at"] <= tx.now:
        return reasons.DEVICE_CODE_EXPIRED
    return None


def _asked(tx: Transaction, session: Session, found: Row) -> Asked:
    may_read = relations.held(tx, session.operator, Domain(found["domain_id"])) is not None
    return Asked(
        found["user_code"],
        found["domain_id"],
        found["slug"] if may_read else None,
        found["client"],
        to_wire(found["requested_at"]),
    )
