"""The handlers of outbox events: a registered Node becomes a Peer, and an event becomes one that Nodes can read.

Each function runs in the transaction that marks the event's outbox row as delivered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from plexctl.local.control.base.events import Event
from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.mesh import psks, revisions
from plexctl.local.control.mesh.key_rotation import PeerKeyRotated, RotateKeys
from plexctl.local.control.mesh.snapshot_events import JOINED, NodeStateUpdated
from plexctl.local.control.signing import keys
from plexctl.local.control.signing.rotations import SigningKeyRotated


@dataclass(frozen=True)
class NodeRegistered(Event):
    """A Node has registered and is not a Peer yet."""

    kind: ClassVar[str] = "node_registered"
    node_id: str


class Audience(NamedTuple):
    """The Nodes that an event concerns: all of a Domain, all of the platform, or one; `except_node_id` is left out.

    `scope` is that of the key which signs the event.
    """

    name: str
    scope: str
    except_node_id: str | None = None


def anchor(tx: Transaction, event: NodeRegistered, outbox_id: int) -> None:
    """Make a Node a Peer with a pre-shared key, and let the others know; do nothing if it is a Peer, or gone."""
    node_id = event.node_id
    node = tx.execute("SELECT domain_id FROM nodes WHERE id = ?", (node_id,)).fetchone()
    if node is None or tx.execute("SELECT 1 FROM peers WHERE node_id = ?", (node_id,)).fetchone():
        return
    domain_id = node["domain_id"]
    tx.execute(
        "INSERT INTO peers (id, node_id, domain_id, anchored_at) VALUES (?, ?, ?, ?)",
        (tx.new_id(), node_id, domain_id, tx.now),
    )
    psks.issue(tx, domain_id, node_id)
    revisions.advance(tx, domain_id, node_id)
    deliver_event(tx, NodeStateUpdated(domain_id, node_id, JOINED), outbox_id)


def deliver_event(tx: Transaction, event: Event, outbox_id: int) -> None:
    """Deliver an event to the Nodes that it concerns, in one row."""
    audience = _AUDIENCES[type(event)](tx, event)
    if audience is None:
        return
    key_id = event.old_key_id if isinstance(event, SigningKeyRotated) else _known_key(tx, audience.scope)
    tx.execute(
        "INSERT INTO node_events (outbox_id, kind, payload, audience, except_node_id, scope, key_id, delivered_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            outbox_id,
            event.kind,
            event.to_json(),
            audience.name,
            audience.except_node_id,
            audience.scope,
            key_id,
            tx.now,
        ),
    )


def _known_key(tx: Transaction, scope: str) -> str:
    """Return the id of the key that Nodes know: a new one only once the event that announces it is delivered."""
    pending = tx.execute(
        "SELECT payload ->> 'old_key_id' FROM outbox WHERE delivered_at IS NULL AND kind = ?"
        " AND payload ->> 'scope' = ? ORDER BY id",
        (SigningKeyRotated.kind, scope),
    ).fetchone()
    return str(keys.current_key(tx, scope)["key_id"] if pending is None else pending[0])


def _node_itself(tx: Transaction, event: RotateKeys) -> Audience | None:
    """Return one Node, or None where it has been deregistered."""
    node = tx.execute("SELECT domain_id FROM nodes WHERE id = ?", (event.node_id,)).fetchone()
    return None if node is None else Audience(f"node:{event.node_id}", f"domain:{node['domain_id']}")


def _domain(domain_id: str, except_node_id: str) -> Audience:
    return Audience(f"domain:{domain_id}", f"domain:{domain_id}", except_node_id)


def _others_of_a_domain(tx: Transaction, event: NodeStateUpdated) -> Audience | None:
    """Return a Domain's Nodes but one, or None where the Domain has been deleted."""
    domain = tx.execute("SELECT 1 FROM domains WHERE id = ?", (event.domain_id,)).fetchone()
    return None if domain is None else _domain(event.domain_id, event.node_id)


def _others_of_its_domain(tx: Transaction, event: PeerKeyRotated) -> Audience | None:
    """Return the other Nodes of a Node's Domain, or None where the Node has been deregistered."""
    node = tx.execute("SELECT domain_id FROM nodes WHERE id = ?", (event.node_id,)).fetchone()
    return None if node is None else _domain(node["domain_id"], event.node_id)


_AUDIENCES: Mapping[type[Event], Callable[[Transaction, Any], Audience | None]] = {
    NodeStateUpdated: _others_of_a_domain,
    RotateKeys: _node_itself,
    PeerKeyRotated: _others_of_its_domain,
    SigningKeyRotated: lambda _, event: Audience(event.scope, event.scope),
}
