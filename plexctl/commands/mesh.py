"""mesh: the directed edges between a Domain's Peers."""

from collections.abc import Iterator

from plexctl import wire
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import domain_option
from plexctl.render.table import Column, Row, blank
from plexctl.wire import Document

command = Family(
    "mesh",
    "The overlay is a full mesh: every Peer holds a directed edge to every other, direct unless a bridge relays it.",
)

COLUMNS = (
    Column("FROM", "source_node_id"),
    Column("TO", "target_node_id"),
    Column("MESH_IP", "mesh_ip"),
    Column("FALLBACK", "relay_node_id", blank),
    Column("REACH_FROM", "reach_from", is_state=True),
    Column("REACH_TO", "reach_to", is_state=True),
)


@command.leaf(
    "topology",
    "Show the edges of a Domain's mesh",
    Contract(
        columns=COLUMNS,
        fields=wire.TOPOLOGY,
        examples=(
            'plexctl mesh topology --domain "$DOMAIN_ID"',
            "plexctl mesh topology --domain \"$DOMAIN_ID\" --output json | jq '.edges | length'",
        ),
    ),
)
@domain_option
def topology(run: Invocation, domain_id: str) -> None:
    """FALLBACK names the bridge that relays an edge, and is empty for a direct one; MESH_IP is the target's."""
    snapshot = run.api.topology(domain_id)
    run.show(snapshot, COLUMNS, _edges(snapshot))


def _edges(snapshot: Document) -> Iterator[Row]:
    """Join each edge with what its two ends say of themselves."""
    nodes = {node["node_id"]: node for node in snapshot["nodes"]}
    unknown: Row = {}
    for edge in snapshot["edges"]:
        source, target = (nodes.get(edge[end], unknown) for end in ("source_node_id", "target_node_id"))
        yield {
            **edge,
            "mesh_ip": target.get("mesh_ip"),
            "reach_from": source.get("reachability"),
            "reach_to": target.get("reachability"),
        }
