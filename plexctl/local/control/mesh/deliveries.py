"""The handlers of outbox events: a registered Node becomes a Peer, and an event becomes one that Nodes can read.

Each function runs in the transaction that marks the event's outbox row as delivered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

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


class Audience(NamedTuple):
    """The Nodes that an event concerns: `node:<uuid>`, `domain:<uuid>` or `platform`, except at most one."""

    name: str
    except_node_id: str | None = None


def anchor(tx: Transaction, node_id: str) -> None:
    """Make a Node a Peer with a pre-shared key; leave a Node that is a Peer unchanged."""
    if tx.execute("SELECT 1 FROM peers WHERE node_id = ?", (node_id,)).fetchone():
        return
    domain_id = tx.execute("SELECT domain_id FROM nodes WHERE id = ?", (node_id,)).fetchone()["domain_id"]
    tx.execute(
        "INSERT INTO peers (id, node_id, domain_id, anchored_at) VALUES (?, ?, ?, ?)",
        (tx.new_id(), node_id, domain_id, tx.now),
    )
    psks.issue(tx, domain_id, node_id)


def deliver_event(tx: Transaction, event: Event, outbox_id: int) -> None:
    """Deliver an event to the Nodes that it concerns, in one row."""
    audience = _AUDIENCES[type(event)](tx, event)
    tx.execute(
        "INSERT INTO node_events (outbox_id, kind, payload, audience, except_node_id, delivered_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (outbox_id, event.kind, event.to_json(), *audience, tx.now),
    )


def _others_of_its_domain(tx: Transaction, event: PeerKeyRotated) -> Audience:
    ((domain_id,),) = tx.execute("SELECT domain_id FROM nodes WHERE id = ?", (event.node_id,))
    return Audience(f"domain:{domain_id}", event.node_id)


_AUDIENCES: Mapping[type[Event], Callable[[Transaction, Any], Audience]] = {
    RotateKeys: lambda _, event: Audience(f"node:{event.node_id}"),
    PeerKeyRotated: _others_of_its_domain,
    SigningKeyRotated: lambda _, event: Audience(event.scope),
}
