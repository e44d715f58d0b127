"""The checks of `mesh status`: how many Nodes and edges are in which state, and which Nodes are worst off."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from plexctl.mesh_map import is_direct
from plexctl.render.text import some
from plexctl.wire import MeshCheck

if TYPE_CHECKING:
    from plexctl.wire import Node, Topology

_STATES = ("healthy", "stale", "unreachable")
_HEALTHY = frozenset({"nodes healthy", "edges direct", "edges relayed"})
_MOST_NAMED = 3


def check_mesh(snapshot: "Topology", nodes: "Iterable[Node]") -> list[MeshCheck]:
    """Count the Nodes by state, those that are not anchored, and the edges."""
    names = {node.id.lower(): node.name or node.id for node in nodes}
    anchored = {peer.node_id.lower(): peer.reachability for peer in snapshot.nodes}
    by_state = defaultdict[str, list[str]](list, {state: [] for state in _STATES})
    for node_id, state in anchored.items():
        by_state[state].append(names.get(node_id, node_id))
    by_state["not anchored"] += [name for node_id, name in names.items() if node_id not in anchored]
    of_nodes = [_of_nodes(f"nodes {state}", found) for state, found in by_state.items()]
    return of_nodes + [_of_edges(f"edges {state}", ends, names) for state, ends in _ends(snapshot).items()]


def faults(checks: Sequence[MeshCheck]) -> list[MeshCheck]:
    """Return the checks that a healthy mesh would not count anything for."""
    return [check for check in checks if check.count and check.check not in _HEALTHY]


def _of_nodes(name: str, found: Sequence[str]) -> MeshCheck:
    worst = None if name in _HEALTHY or not found else some(sorted(found), _MOST_NAMED)
    return MeshCheck(check=name, count=len(found), worst=worst)


def _ends(snapshot: "Topology") -> dict[str, Counter[str]]:
    """Count for each state of edges how many of them each Node has."""
    states = ("direct", "relayed", "stale", "unreachable")
    ends = defaultdict[str, Counter[str]](Counter, {state: Counter() for state in states})
    for edge in snapshot.edges:
        both = (edge.source_node_id.lower(), edge.target_node_id.lower())
        ends["direct" if is_direct(edge) else "relayed"].update(both)
        if edge.status not in {"healthy", None}:
            ends[edge.status or ""].update(both)
    return ends


def _of_edges(name: str, ends: Counter[str], names: dict[str, str]) -> MeshCheck:
    """Name the Node with the most edges in a state, which two Nodes have each."""
    worst = [f"{names.get(node_id, node_id)} ({count})" for node_id, count in ends.most_common(1)]
    shown = worst[0] if worst and name != "edges direct" else None
    return MeshCheck(check=name, count=ends.total() // 2, worst=shown)
