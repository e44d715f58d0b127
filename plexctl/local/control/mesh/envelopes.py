"""The envelopes in which Nodes get events: signed anew each time, since a Node refuses one that is minutes old.

The signature is Ed25519 over the compact JSON of the other six members, in their order, in UTF-8.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.signing import keys
from plexctl.local.control.signing.rotations import SigningKeyRotated
from plexctl.local.store import Row

Payload = dict[str, Any]


def seal(tx: Transaction, event: Row) -> str:
    """Return an event's envelope as compact JSON."""
    key = _key(tx, event)
    payload = json.loads(event["payload"])
    reshape = _PAYLOADS.get(event["kind"])
    content = {
        "id": str(event["sequence"]),
        "type": event["kind"],
        "scope": event["scope"],
        "key_id": keys.full_id(key["scope"], key["key_id"]),
        "issued_at": to_wire(tx.now),
        "payload": reshape(payload) if reshape else payload,
    }
    signature = keys.private_key(tx.vault, key).sign(_compact(content).encode())
    return _compact({**content, "signature": base64.b64encode(signature).decode()})


def _compact(members: Mapping[str, Any]) -> str:
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False)


def _key(tx: Transaction, event: Row) -> Row:
    """Return the key that the event's readers know, or the current one once that is retired."""
    known = keys.named_key(tx, event["scope"], event["key_id"])
    return keys.current_key(tx, event["scope"]) if known["state"] == "retired" else known


def _of_signing_key(event: Payload) -> Payload:
    return {
        "key_id": keys.full_id(event["scope"], event["new_key_id"]),
        "public_key": event["new_public_key"],
        "previous_key_id": keys.full_id(event["scope"], event["old_key_id"]),
        "transition_expires": event["closes_at"],
    }


_PAYLOADS: Mapping[str, Callable[[Payload], Payload]] = {SigningKeyRotated.kind: _of_signing_key}
