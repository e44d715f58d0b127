"""The event by which the Nodes of a Domain learn that their snapshots have changed."""

from dataclasses import dataclass
from typing import ClassVar

from plexctl.local.control.base.events import Event

JOINED, LEFT, RELAY_CHANGED = "peer_joined", "peer_left", "relay_changed"


@dataclass(frozen=True)
class NodeStateUpdated(Event):
    """A change around one Node has changed the snapshots of the other Nodes of its Domain."""

    kind: ClassVar[str] = "node_state_updated"
    domain_id: str
    node_id: str
    change: str
