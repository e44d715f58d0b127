"""The device authorization grant (RFC 8628): a device asks to be signed in, and polls until somebody has decided."""

from typing import NamedTuple

from plexctl import grammar
from plexctl.local.control.base import fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.control.signin import api_tokens, bindings, user_codes
from plexctl.local.store import Row

PAGE = "/v1/device"
ENVIRONMENT = "dev"  # the plane's own, in the tokens that it hands out
EXPIRES_IN_SECONDS = 600
INTERVAL_SECONDS = 5
SLOWER_SECONDS = 5  # RFC 8628, section 3.5
START_FIELDS = ("domain_id", "idp_binding_id", "idp_binding_alias", "client_id")
POLL_FIELDS = ("device_code", "client_id")
_RANDOM_LENGTH = 32  # bytes
_KEPT_US = 2 * EXPIRES_IN_SECONDS * MICROSECONDS_PER_SECOND  # so that a late poll learns that it is too late


class _Start(NamedTuple):
    """The body of a request to be signed in; the empty text stands for what is left out."""

    domain_id: str
    binding_id: str
    alias: str


def start(control: Control, body: Body, client: str, base_url: str) -> dict[str, object]:
    """Note a device's request, and return its codes; `client` is what the device calls itself.

    Raises: Refusal(invalid_body, idp_binding_not_found).
    """
    asked = _read_start(body)
    device_code = control.vault.random_bytes(_RANDOM_LENGTH).hex()
    with control.write(None) as tx:
        bindings.check(tx, asked.domain_id, asked.binding_id, asked.alias)
        tx.execute("DELETE FROM device_requests WHERE requested_at <= ?", (tx.now - _KEPT_US,))
        user_code = _new_user_code(tx)
        tx.execute(
            "INSERT INTO device_requests (fingerprint, user_code, domain_id, client, state, interval_us, requested_at,"
            " expires_at) VALUES (?, ?, ?, ?, 'pending', ?, ?, ?)",
            (
                _fingerprint(tx, device_code),
                user_code,
                asked.domain_id,
                client[: limits.CLIENT_NAME.most],
                INTERVAL_SECONDS * MICROSECONDS_PER_SECOND,
                tx.now,
                tx.now + EXPIRES_IN_SECONDS * MICROSECONDS_PER_SECOND,
            ),
        )
    return {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": f"{base_url}{PAGE}",
        "verification_uri_complete": f"{base_url}{PAGE}?user_code={user_code}",
        "expires_in": EXPIRES_IN_SECONDS,
        "interval": INTERVAL_SECONDS,
    }


def poll(control: Control, body: Body) -> dict[str, object]:
    """Hand out the token once the request is approved; of two polls only the first gets it.

    Raises: Refusal(invalid_body, authorization_pending, slow_down, access_denied, expired_token, invalid_grant).
    """
    device_code = _read_poll(body)
    with control.write(None) as tx:
        found = tx.execute(
            "SELECT * FROM device_requests WHERE fingerprint = ?", (_fingerprint(tx, device_code),)
        ).fetchone()
        refused = _reason_to_wait(tx, found)
        if refused is None:
            tx.execute("UPDATE device_requests SET state = 'redeemed' WHERE fingerprint = ?", (found["fingerprint"],))
            minted = api_tokens.mint(tx, found["principal_id"], ENVIRONMENT)
    if refused is not None:  # only now, so that the poll itself stays noted
        raise Refusal(refused)
    lifetime = (minted.expires_at - tx.now) // MICROSECONDS_PER_SECOND
    return {"access_token": minted.plaintext, "token_type": "Bearer", "expires_in": lifetime}


def _reason_to_wait(tx: Transaction, found: Row | None) -> Reason | None:
    """Return why a poll gets no token, or None where the request is approved."""
    if found is None or found["state"] == "redeemed":
        return reasons.INVALID_GRANT
    if found["state"] == "denied":
        return reasons.ACCESS_DENIED
    if found["expires_at"] <= tx.now:
        return reasons.EXPIRED_TOKEN
    return None if found["state"] == "approved" else _pending(tx, found)


def _pending(tx: Transaction, found: Row) -> Reason:
    """Note a poll of a request that is not decided, and tell whether it came too soon."""
    polled_at = found["polled_at"]
    is_early = polled_at is not None and 0 <= tx.now - polled_at < found["interval_us"]  # the clock may step back
    interval_us = found["interval_us"] + is_early * SLOWER_SECONDS * MICROSECONDS_PER_SECOND
    tx.execute(
        "UPDATE device_requests SET polled_at = ?, interval_us = ? WHERE fingerprint = ?",
        (tx.now, interval_us, found["fingerprint"]),
    )
    return reasons.SLOW_DOWN if is_early else reasons.AUTHORIZATION_PENDING


def _new_user_code(tx: Transaction) -> str:
    while True:
        code = user_codes.generate(tx.vault)
        if not tx.execute("SELECT 1 FROM device_requests WHERE user_code = ?", (code,)).fetchone():
            return code


def _fingerprint(tx: Transaction, device_code: str) -> bytes:
    return tx.vault.fingerprint("device-code", device_code)


def _read_start(body: Body) -> _Start:
    fields.check_known(body, START_FIELDS, reasons.INVALID_BODY)
    asked = _Start(_id(body, "domain_id"), _id(body, "idp_binding_id"), _text(body, "idp_binding_alias"))
    _text(body, "client_id")
    if not asked.domain_id:
        detail = "domain_id is missing; without one, a platform login is meant, which this plane does not offer"
        raise Refusal(reasons.INVALID_BODY, detail)
    if asked.binding_id and asked.alias:
        raise Refusal(reasons.INVALID_BODY, "idp_binding_id and idp_binding_alias exclude each other")
    return asked


def _read_poll(body: Body) -> str:
    fields.check_known(body, POLL_FIELDS, reasons.INVALID_BODY)
    _text(body, "client_id")
    device_code = _text(body, "device_code")
    if not device_code:
        raise Refusal(reasons.INVALID_BODY, "device_code is missing")
    return device_code


def _id(body: Body, field: str) -> str:
    value = fields.text(body, field)
    if not value and field not in body:
        return ""
    try:
        return grammar.uuid(value)
    except ValueError as error:
        raise Refusal(reasons.INVALID_BODY, f"{field} {value[: fields.ECHOED]!r} {error}") from None


def _text(body: Body, field: str) -> str:
    value = fields.text(body, field)
    if len(value) > limits.SIGN_IN_TEXT.most:
        raise Refusal(reasons.INVALID_BODY, f"{field} is longer than {limits.SIGN_IN_TEXT.most} characters")
    return value
