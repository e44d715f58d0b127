"""A Node's snapshot: all that its agent needs to know, from which it derives what it has to do."""

from typing import Any

from plexctl.local.control.base import reasons
from plexctl.local.control.base.relations import VIEWER, Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.mesh import contact, nodes, reachability, relays, revisions, states
from plexctl.local.control.mesh.relays import Relay
from plexctl.local.control.tenancy import domains
from plexctl.local.store import Row

_PEERS = """
  SELECT nodes.id, mesh_ip, public_key, behind_nat, kind FROM peers JOIN nodes ON nodes.id = peers.node_id
  JOIN resources ON resources.id = resource_id WHERE peers.domain_id = ? AND nodes.id <> ? ORDER BY nodes.id
"""


def read(control: Control, caller: Principal | None, bearer: str | None, node_id: str) -> dict[str, Any]:
    """Return a Node's snapshot to a viewer of its Project, or to the Node itself if the caller is not an operator.

    Raises: Refusal(insufficient_relation, node_not_found, nsk_invalid), and those of `contact.authenticate_as`.
    """
    if caller is None:
        return _pull(control, bearer, node_id)
    with control.read(caller) as tx:
        return _document(tx, nodes.find(tx, caller, VIEWER, node_id, reasons.INSUFFICIENT_RELATION))


def _pull(control: Control, bearer: str | None, node_id: str) -> dict[str, Any]:
    """Return the snapshot and note its revision, which a heartbeat compares with the one at its own time."""
    contact.authenticate_as(control, reachability.required(bearer), node_id)
    with control.read(None) as tx:
        node = nodes.itself(tx, node_id, reasons.NODE_NOT_FOUND)
        document = _document(tx, node)
        revision = revisions.current(tx, node["domain_id"])
    if node["pulled_revision"] != revision:
        with control.write(None) as tx:
            tx.execute("UPDATE nodes SET pulled_revision = ? WHERE id = ?", (revision, node_id))
    return document


def _document(tx: Transaction, node: Row) -> dict[str, Any]:
    domain = domains.existing(tx, node["domain_id"])
    relay = relays.current(tx, domain)
    peers = tx.execute(_PEERS, (domain["id"], node["id"])).fetchall()
    resource = tx.execute("SELECT kind FROM resources WHERE id = ?", (node["resource_id"],)).fetchone()
    own = relays.End(bool(node["behind_nat"]), resource["kind"] == relays.BRIDGE)
    reports = {"metadata": [], "data": [], "reports": _reports(tx, node["id"])}
    return {
        "peers": [_peer(peer, relay if relays.is_relayed(own, relays.end(peer)) else None) for peer in peers],
        "reachability": reachability.document(states.policy(domain), node, tx.now),
        "policy": None,
        "bridge": _bridge(tx, node, relay, peers),
        "state": reports,
        "reports": reports,
        "executions": [],
        "sessions": [],
    }


def _peer(peer: Row, relay: Relay | None) -> dict[str, Any]:
    return {
        "node_id": peer["id"],
        "mesh_ip": peer["mesh_ip"],
        "public_key": peer["public_key"],
        **({} if relay is None else {"fallback_endpoint": relay.fallback_endpoint}),
    }


def _reports(tx: Transaction, node_id: str) -> list[dict[str, Any]]:
    rows = tx.execute("SELECT key, value, workload_tag FROM state_reports WHERE node_id = ? ORDER BY key", (node_id,))
    return [{"key": key, "value": value, **({} if tag is None else {"workload_tag": tag})} for key, value, tag in rows]


def _bridge(tx: Transaction, node: Row, relay: Relay | None, peers: list[Row]) -> dict[str, Any] | None:
    """Describe what a bridge has to relay; a Node without a relay's configuration has no such block."""
    configured = tx.execute("SELECT * FROM bridge_relays WHERE resource_id = ?", (node["resource_id"],)).fetchone()
    if configured is None:
        return None
    served = _served(peers) if relay and relay.node_id == node["id"] else []
    assignments = [
        {"peer_node_id": peer["id"], "fallback_endpoint": relay.host, "fallback_endpoint_port": relay.port}
        for peer in served
        if relay
    ]
    enabled = bool(configured["enabled"])
    return {"relay": {"enabled": enabled, "listen_port": configured["listen_port"], "assignments": assignments}}


def _served(peers: list[Row]) -> list[Row]:
    """Return the Peers that have a relayed edge: all that are not bridges, if another of them is behind NAT."""
    candidates = [(peer, relays.end(peer)) for peer in peers]
    candidates = [(peer, end) for peer, end in candidates if not end.is_bridge]
    behind = sum(end.behind_nat for _, end in candidates)
    return [peer for peer, end in candidates if (len(candidates) > 1 if end.behind_nat else behind > 0)]
