"""Who reaches whom in a mesh: its Nodes with their names, and the kind of each edge between two."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plexctl.wire import Edge, Node, Peer, Topology

MOST_NODES = 60  # that a person can read in a matrix
DIRECT, RELAYED, STALE, UNREACHABLE, OTHER = KINDS = ("direct", "relayed", "stale", "unreachable", "other")


class Place(NamedTuple):
    """A Node of the map."""

    node_id: str
    name: str
    mesh_ip: str
    reachability: str


class MeshMap(NamedTuple):
    """The Nodes shown, and the kind of the edge from one to another, by their positions.

    `node_count` and `edge_count` are those of the whole mesh.
    """

    domain_id: str
    places: Sequence[Place]
    kinds: Mapping[tuple[int, int], str]
    node_count: int
    edge_count: int

    @property
    def left_out(self) -> int:
        """How many Nodes are not shown."""
        return self.node_count - len(self.places)

    @property
    def headline(self) -> str:
        """What the map shows, in one line."""
        text = f"{_counted(self.node_count, 'Node')}, {_counted(self.edge_count, 'edge')}"
        if not self.left_out:
            return text
        return f"{text}; {_counted(self.left_out, 'Node')} left out, the best connected ones"

    def document(self) -> dict[str, object]:
        """Return the map as json and yaml have it."""
        ids = [place.node_id for place in self.places]
        edges = [
            {"source_node_id": ids[source], "target_node_id": ids[target], "kind": kind}
            for (source, target), kind in self.kinds.items()
        ]
        nodes = [place._asdict() for place in self.places]
        return {"domain_id": self.domain_id, "left_out": self.left_out, "nodes": nodes, "edges": edges}


def kind_of(edge: "Edge") -> str:
    """Return the kind of an edge: its reachability unless that is healthy, else direct or relayed."""
    if edge.status not in {"healthy", None}:
        return edge.status if edge.status in {STALE, UNREACHABLE} else OTHER
    return DIRECT if is_direct(edge) else RELAYED


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def is_direct(edge: "Edge") -> bool:
    """Tell whether no bridge relays an edge."""
    return edge.relay_node_id is None and edge.mode in {DIRECT, None}


def draw_map(domain_id: str, snapshot: "Topology", nodes: "Iterable[Node]") -> MeshMap:
    """Make the map of a mesh; of more than 60 Nodes, those with the most edges that are not direct and healthy."""
    peers = {peer.node_id: peer for peer in snapshot.nodes}
    names = {node.id.lower(): node.name for node in nodes}
    chosen = list(peers) if len(peers) <= MOST_NODES else _worst(snapshot, peers)
    position = {node_id: number for number, node_id in enumerate(chosen)}
    kinds = {
        (position[edge.source_node_id], position[edge.target_node_id]): kind_of(edge)
        for edge in snapshot.edges
        if edge.source_node_id in position and edge.target_node_id in position
    }
    shown = [peers[node_id] for node_id in chosen]
    places = [Place(one.node_id, names.get(one.node_id.lower()) or "", one.mesh_ip, one.reachability) for one in shown]
    return MeshMap(domain_id, places, kinds, len(peers), len(snapshot.edges))


def _worst(snapshot: "Topology", peers: "Mapping[str, Peer]") -> list[str]:
    """Choose the Nodes with the most edges that are not direct and healthy, in the snapshot's order."""
    counts = Counter[str]()
    for edge in snapshot.edges:
        if kind_of(edge) != DIRECT:
            counts.update((edge.source_node_id, edge.target_node_id))
    worst = {node_id for node_id, _ in counts.most_common(MOST_NODES)}
    return [node_id for node_id in peers if node_id in worst]
