"""A Domain's mesh: every Peer and an edge in each direction of each pair, as a document that is sent in pieces."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from plexctl.local.control.base.relations import VIEWER, Domain, Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import relays, states
from plexctl.local.control.mesh.relays import End, Relay
from plexctl.local.control.tenancy import domains
from plexctl.pieces import gather


class Peer(NamedTuple):
    """A Peer as the topology shows it."""

    id: str
    mesh_ip: str
    reachability: str
    end: End


def document(control: Control, caller: Principal, domain_id: str) -> Iterator[bytes]:
    """Return the topology document (JSON) in pieces; every refusal is raised before the first piece.

    Nodes stand by numeric mesh IP, edges by source and target in that order.

    Raises: Refusal(permission_denied, domain_not_found).
    """
    with control.read(caller) as tx:
        tx.require(VIEWER, Domain(domain_id))
        domain = domains.load(tx, domain_id)
        peers, relay = _peers(tx, domain), relays.current(tx, domain)
    return gather(_pieces(domain["id"], tx.now, peers, relay))


def _peers(tx: Transaction, domain: Mapping[str, Any]) -> list[Peer]:
    limits = states.policy(domain)
    rows = tx.execute(
        "SELECT nodes.*, resources.kind FROM peers JOIN nodes ON nodes.id = peers.node_id"
        " JOIN resources ON resources.id = resource_id WHERE peers.domain_id = ? ORDER BY mesh_ip_number",
        (domain["id"],),
    )
    return [
        Peer(
            id=row["id"],
            mesh_ip=row["mesh_ip"],
            reachability=states.state(limits, row["last_contact_at"], tx.now),
            end=relays.end(row),
        )
        for row in rows
    ]


def _pieces(domain_id: str, now: int, peers: list[Peer], relay: Relay | None) -> Iterator[bytes]:
    nodes = [{"node_id": peer.id, "mesh_ip": peer.mesh_ip, "reachability": peer.reachability} for peer in peers]
    head = {"domain_id": domain_id, "generated_at": to_wire(now), "nodes": nodes}
    yield json.dumps(head, separators=(",", ":")).removesuffix("}").encode() + b',"edges":['
    separator = b""
    for edges in _edges(peers, relay):
        yield separator + edges
        separator = b","
    yield b"]}"


def _edges(peers: list[Peer], relay: Relay | None) -> Iterator[bytes]:
    """Yield the edges of each source as JSON, joined from text that the edges of like sources share.

    It is formatted by hand, since a mesh of 1,000 Nodes has a million edges; ids and states need no escaping.
    """
    ends: dict[tuple[str, End], list[bytes]] = {}
    for index, source in enumerate(peers if len(peers) > 1 else ()):
        kind = (source.reachability, source.end)
        if kind not in ends:
            ends[kind] = [_end(source, target, relay) for target in peers]
        start = f'{{"source_node_id":"{source.id}","target_node_id":"'.encode()
        others = ends[kind][:index] + ends[kind][index + 1 :]
        yield start + (b"," + start).join(others)


def _end(source: Peer, target: Peer, relay: Relay | None) -> bytes:
    """Write an edge from its target's id on; of the source, only its state and whether it needs a relay count."""
    path, fallback = '"direct","relay_node_id":null', ""
    if relay and relays.is_relayed(source.end, target.end):
        path = f'"relayed","relay_node_id":"{relay.node_id}"'
        fallback = f',"fallback_endpoint":"{relay.fallback_endpoint}"'
    status = max(source.reachability, target.reachability, key=states.STATES.index)
    return f'{target.id}","mode":{path},"status":"{status}"{fallback}}}'.encode()
