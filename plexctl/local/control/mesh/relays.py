"""Relays: the bridge through which Nodes behind NAT reach each other."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.mesh import states
from plexctl.local.store import Row

BRIDGE = "bridge"  # the kind of Resource whose Node can relay


class Relay(NamedTuple):
    """The bridge that relays in a Domain: its Node, and where other Nodes reach its relay."""

    node_id: str
    host: str
    port: int

    @property
    def fallback_endpoint(self) -> str:
        """The host and port; an IPv6 address is in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class End(NamedTuple):
    """What decides whether an edge from or to a Node is relayed."""

    behind_nat: bool
    is_bridge: bool


def end(node: Row) -> End:
    """Read an end from a row with the Node's behind_nat and its Resource's kind."""
    return End(bool(node["behind_nat"]), node["kind"] == BRIDGE)


def is_relayed(one: End, other: End) -> bool:
    """Tell whether two Nodes reach each other through a relay, if there is one; a bridge is reached directly."""
    return (one.behind_nat or other.behind_nat) and not (one.is_bridge or other.is_bridge)


def current(tx: Transaction, domain: Mapping[str, Any]) -> Relay | None:
    """Choose the healthy, enabled bridge of a Domain with the lowest mesh IP."""
    rows = tx.execute(
        "SELECT nodes.id, mesh_ip, endpoint, last_contact_at, listen_port FROM bridge_relays"
        " JOIN nodes ON nodes.resource_id = bridge_relays.resource_id JOIN peers ON peers.node_id = nodes.id"
        " WHERE enabled AND nodes.domain_id = ? ORDER BY mesh_ip_number",
        (domain["id"],),
    )
    limits = states.policy(domain)
    healthy = (row for row in rows if states.state(limits, row["last_contact_at"], tx.now) == "healthy")
    bridge = next(healthy, None)
    return None if bridge is None else Relay(bridge["id"], _host(bridge), bridge["listen_port"])


def _host(bridge: Row) -> str:
    """Return the address that a bridge has reported, else its mesh address."""
    if bridge["endpoint"] is None:
        return str(bridge["mesh_ip"])
    return str(bridge["endpoint"].rpartition(":")[0].strip("[]"))
