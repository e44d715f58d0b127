"""The rotation of a scope's signing key: opened with a new key, closed by retiring the old one.

A rotation stays open until it is closed. Its closes_at tells those who verify until when to take the old key; the
signer neither closes a rotation by itself nor refuses to close one early, as after a compromise.
"""

import base64
import sqlite3
from typing import NamedTuple

from plexctl.local.control.base import outbox
from plexctl.local.control.base.authorization import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.signing import keys, scopes
from plexctl.local.control.signing.scopes import refusal


class Transition(NamedTuple):
    """An opened rotation; its times are Unix microseconds."""

    old_key_id: str
    new_key_id: str
    opened_at: int
    closes_at: int


def open_rotation(control: Control, principal: Principal, scope: str, new_key_id: str) -> Transition:
    """Make a scope's new key, keep the old one valid for the overlap window, and have every Node in scope told."""
    scope = scopes.parse(scope, new_key_id)
    with control.store.write() as connection:
        scopes.admit(connection, control, principal, scope)
        if _open_transition(connection, scope) is not None:
            raise refusal("signing_rotation_in_progress")
        _check_unused(connection, scope, new_key_id)
        return _introduce(connection, control, scope, new_key_id)


def close_rotation(control: Control, principal: Principal, scope: str, old_key_id: str, new_key_id: str) -> None:
    """End a scope's open rotation, whose two key ids the caller must know."""
    scope = scopes.parse(scope, old_key_id, new_key_id)
    with control.store.write() as connection:
        scopes.admit(connection, control, principal, scope)
        transition = _open_transition(connection, scope)
        if transition is None:
            raise refusal("signing_no_open_rotation")
        for given, expected in ((old_key_id, transition["old_key_id"]), (new_key_id, transition["new_key_id"])):
            if keys.named_key(connection, scope, given)["key_id"] != expected:
                raise refusal("signing_key_not_found")
        _retire(connection, control, transition)


def _open_transition(connection: sqlite3.Connection, scope: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM signing_transitions WHERE scope = ? AND closed_at IS NULL", (scope,)
    ).fetchone()
    return row


def _check_unused(connection: sqlite3.Connection, scope: str, key_id: str) -> None:
    """Refuse an id that the scope has had: a verifier could not tell its signatures from the earlier key's."""
    key = connection.execute(
        "SELECT state FROM signing_keys WHERE scope = ? AND key_id = ?", (scope, key_id)
    ).fetchone()
    if key is not None:
        raise refusal("signing_key_retired" if key["state"] == "retired" else "signing_invariant_violation")


def _introduce(connection: sqlite3.Connection, control: Control, scope: str, new_key_id: str) -> Transition:
    old_key_id = keys.current_key(connection, control, scope)["key_id"]
    connection.execute("UPDATE signing_keys SET state = 'rotating' WHERE scope = ? AND state = 'active'", (scope,))
    keys.create_key(connection, control, scope, new_key_id)
    now = control.sources.now()
    transition = Transition(old_key_id, new_key_id, now, now + control.settings.overlap_window)
    connection.execute(
        "INSERT INTO signing_transitions (id, scope, old_key_id, new_key_id, opened_at, closes_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (control.sources.new_id(), scope, *transition),
    )
    _announce(connection, control, scope, transition)
    return transition


def _announce(connection: sqlite3.Connection, control: Control, scope: str, transition: Transition) -> None:
    public_key = keys.named_key(connection, scope, transition.new_key_id)["public_key"]
    event = {
        "scope": scope,
        "old_key_id": transition.old_key_id,
        "new_key_id": transition.new_key_id,
        "new_public_key": base64.b64encode(public_key).decode(),
        "opened_at": to_wire(transition.opened_at),
        "closes_at": to_wire(transition.closes_at),
    }
    outbox.append(connection, control, "signing_key_rotated", event, transition.opened_at)


def _retire(connection: sqlite3.Connection, control: Control, transition: sqlite3.Row) -> None:
    now = control.sources.now()
    connection.execute(
        "UPDATE signing_keys SET state = 'retired', retired_at = ? WHERE scope = ? AND key_id = ?",
        (now, transition["scope"], transition["old_key_id"]),
    )
    connection.execute("UPDATE signing_transitions SET closed_at = ? WHERE id = ?", (now, transition["id"]))
