"""mesh: the directed edges between the Peers of a Domain."""

from typing import TYPE_CHECKING

from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import domain_option
from plexctl.render.table import Column, blank_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plexctl.wire import Topology

command = Family(
    "mesh",
    "The overlay is a full mesh: every Peer has a directed edge to every other Peer, direct unless a bridge relays it.",
)

COLUMNS = (
    Column("FROM", "source_node_id"),
    Column("TO", "target_node_id"),
    Column("MESH_IP", "mesh_ip"),
    Column("FALLBACK", "relay_node_id", blank_cell),
    Column("REACH_FROM", "reach_from", is_state=True),
    Column("REACH_TO", "reach_to", is_state=True),
)


@command.leaf(
    "topology",
    "Show the edges of a Domain's mesh",
    Contract(
        columns=COLUMNS,
        document="wire:Topology",
        examples=(
            'plexctl mesh topology --domain "$DOMAIN_ID"',
            "plexctl mesh topology --domain \"$DOMAIN_ID\" --query 'length(edges)'",
        ),
    ),
)
@domain_option
def topology(run: Invocation, domain_id: str) -> None:
    """MESH_IP is the address of an edge's target. FALLBACK is the bridge that relays it, empty for a direct edge."""
    # a snapshot can be very large, so its bytes, or its typed edges, are freed before the other is shown
    if run.in_text:
        run.show_table(_edges(run.api.topology(domain_id).view), COLUMNS)
    else:
        run.show_document(run.api.topology(domain_id).document)


def _edges(snapshot: "Topology") -> "dict[str, Sequence[str | None]]":
    """Return the table's columns: each edge, with the address of its target and the states of its two Nodes."""
    ids = {node.node_id: node.node_id for node in snapshot.nodes}  # one string per Node instead of one per edge
    mesh_ips = {node.node_id: node.mesh_ip for node in snapshot.nodes}
    states = {node.node_id: node.reachability for node in snapshot.nodes}
    sources = [ids.get(edge.source_node_id, edge.source_node_id) for edge in snapshot.edges]
    targets = [ids.get(edge.target_node_id, edge.target_node_id) for edge in snapshot.edges]
    return {
        "FROM": sources,
        "TO": targets,
        "MESH_IP": list(map(mesh_ips.get, targets)),
        "FALLBACK": [edge.relay_node_id for edge in snapshot.edges],
        "REACH_FROM": list(map(states.get, sources)),
        "REACH_TO": list(map(states.get, targets)),
    }
