"""The rotation of a scope's signing key: opened with a new key, closed by retiring the old one.

A rotation stays open until an operator closes it. Its closes_at says until when verifiers accept the old key; the
signer does nothing at that time, and allows closing earlier, as after a compromise.
"""

import base64
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from plexctl.local.control.base import reasons
from plexctl.local.control.base.events import Event
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.signing import keys, scopes
from plexctl.local.store import Row


class Transition(NamedTuple):
    """An opened rotation; its times are Unix microseconds."""

    old_key_id: str
    new_key_id: str
    opened_at: int
    closes_at: int


@dataclass(frozen=True)
class SigningKeyRotated(Event):
    """A scope signs with a new key; times are RFC 3339."""

    kind: ClassVar[str] = "signing_key_rotated"
    scope: str
    old_key_id: str
    new_key_id: str
    new_public_key: str
    opened_at: str
    closes_at: str


def open_rotation(control: Control, caller: Principal, scope: str, new_key_id: str) -> Transition:
    """Create a scope's new key, open the rotation, and promise the event that announces it to every Node in scope.

    Raises: Refusal(signing_invariant_violation, signing_rotation_in_progress, signing_key_retired), and those of
    `admit` and `create_key`.
    """
    scope = scopes.parse(scope, new_key_id)
    with control.write(caller) as tx:
        scopes.admit(tx, scope, control.settings.deployment_profile)
        if _open_transition(tx, scope) is not None:
            raise Refusal(reasons.SIGNING_ROTATION_IN_PROGRESS)
        _check_unused(tx, scope, new_key_id)
        return _introduce(tx, scope, new_key_id, control.settings.overlap_window_us)


def close_rotation(control: Control, caller: Principal, scope: str, old_key_id: str, new_key_id: str) -> None:
    """Close a scope's open rotation; the caller must name both of its keys.

    Raises: Refusal(signing_invariant_violation, signing_no_open_rotation, signing_key_not_found,
    signing_scope_mismatch), and those of `admit`.
    """
    scope = scopes.parse(scope, old_key_id, new_key_id)
    with control.write(caller) as tx:
        scopes.admit(tx, scope, control.settings.deployment_profile)
        transition = _open_transition(tx, scope)
        if transition is None:
            raise Refusal(reasons.SIGNING_NO_OPEN_ROTATION)
        for given, expected in ((old_key_id, transition["old_key_id"]), (new_key_id, transition["new_key_id"])):
            if keys.named_key(tx, scope, given)["key_id"] != expected:
                raise Refusal(reasons.SIGNING_KEY_NOT_FOUND)
        _retire(tx, transition)


def _open_transition(tx: Transaction, scope: str) -> Row | None:
    row: Row | None = tx.execute(
        "SELECT * FROM signing_transitions WHERE scope = ? AND closed_at IS NULL", (scope,)
    ).fetchone()
    return row


def _check_unused(tx: Transaction, scope: str, key_id: str) -> None:
    """Refuse an id that the scope has used before: verifiers could not tell the two keys apart."""
    key = tx.execute("SELECT state FROM signing_keys WHERE scope = ? AND key_id = ?", (scope, key_id)).fetchone()
    if key is not None:
        raise Refusal(reasons.SIGNING_KEY_RETIRED if key["state"] == "retired" else reasons.SIGNING_INVARIANT_VIOLATION)


def _introduce(tx: Transaction, scope: str, new_key_id: str, overlap_window_us: int) -> Transition:
    old_key_id = keys.current_key(tx, scope)["key_id"]
    tx.execute("UPDATE signing_keys SET state = 'rotating' WHERE scope = ? AND state = 'active'", (scope,))
    keys.create_key(tx, scope, new_key_id)
    transition = Transition(old_key_id, new_key_id, tx.now, tx.now + overlap_window_us)
    tx.execute(
        "INSERT INTO signing_transitions (id, scope, old_key_id, new_key_id, opened_at, closes_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (tx.new_id(), scope, *transition),
    )
    public_key = keys.named_key(tx, scope, new_key_id)["public_key"]
    tx.promise(_event(scope, transition, public_key))
    return transition


def _event(scope: str, transition: Transition, public_key: bytes) -> SigningKeyRotated:
    return SigningKeyRotated(
        scope=scope,
        old_key_id=transition.old_key_id,
        new_key_id=transition.new_key_id,
        new_public_key=base64.b64encode(public_key).decode(),
        opened_at=to_wire(transition.opened_at),
        closes_at=to_wire(transition.closes_at),
    )


def _retire(tx: Transaction, transition: Row) -> None:
    tx.execute(
        "UPDATE signing_keys SET state = 'retired', retired_at = ? WHERE scope = ? AND key_id = ?",
        (tx.now, transition["scope"], transition["old_key_id"]),
    )
    tx.execute("UPDATE signing_transitions SET closed_at = ? WHERE id = ?", (tx.now, transition["id"]))
