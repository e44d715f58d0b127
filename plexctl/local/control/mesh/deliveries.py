"""The handlers of outbox events: a registered Node becomes a Peer, and events are delivered to the Nodes concerned.

Each function runs in the transaction that marks the event's outbox row as delivered.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

from plexctl.local.control.base.events import Event
from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.mesh import psks
from plexctl.local.control.mesh.key_rotation import PeerKeyRotated, RotateKeys
from plexctl.local.control.signing.rotations import SigningKeyRotated


@dataclass(frozen=True)
class NodeRegistered(Event):
    """A Node has registered and is not a Peer yet."""

    kind: ClassVar[str] = "node_registered"
    node_id: str


_RECIPIENTS: Mapping[type[Event], str] = {
    RotateKeys: "SELECT id AS node_id FROM nodes WHERE id = :node_id",
    PeerKeyRotated: "SELECT other.node_id FROM peers JOIN peers AS other ON other.domain_id = peers.domain_id"
    " WHERE peers.node_id = :node_id AND other.node_id <> :node_id",
    SigningKeyRotated: "SELECT id AS node_id FROM nodes WHERE :scope IN ('platform', 'domain:' || domain_id)",
}


def anchor(tx: Transaction, node_id: str) -> None:
    """Make a Node a Peer and issue a key for each pair with another Peer; leave a Node that is a Peer unchanged."""
    if tx.execute("SELECT 1 FROM peers WHERE node_id = ?", (node_id,)).fetchone():
        return
    domain_id = tx.execute("SELECT domain_id FROM nodes WHERE id = ?", (node_id,)).fetchone()["domain_id"]
    others = tx.execute("SELECT node_id FROM peers WHERE domain_id = ?", (domain_id,)).fetchall()
    tx.execute(
        "INSERT INTO peers (id, node_id, domain_id, anchored_at) VALUES (?, ?, ?, ?)",
        (tx.new_id(), node_id, domain_id, tx.now),
    )
    for other in others:
        psks.issue(tx, domain_id, node_id, other["node_id"])


def deliver_event(tx: Transaction, event: Event, outbox_id: int) -> None:
    """Deliver an event to every Node that it concerns, once per Node."""
    for recipient in tx.execute(_RECIPIENTS[type(event)], asdict(event)).fetchall():
        tx.execute(
            "INSERT INTO node_events (node_id, outbox_id, kind, payload, delivered_at) VALUES (?, ?, ?, ?, ?)",
            (recipient["node_id"], outbox_id, event.kind, event.to_json(), tx.now),
        )
