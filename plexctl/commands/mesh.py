"""mesh: the directed edges between the Peers of a Domain."""

import sys
from typing import TYPE_CHECKING

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.failures import Failure, Kind
from plexctl.invocation import Invocation
from plexctl.options import domain_option, option
from plexctl.render.table import Column, blank_cell
from plexctl.repeating import watchable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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

STATUS_COLUMNS = (
    Column("CHECK", "check"),
    Column("COUNT", "count"),
    Column("WORST", "worst"),
)


def _map_file(text: str) -> "Path":
    from pathlib import Path

    path = Path(text)
    if path.suffix not in {".svg", ".dot", ".mmd"}:
        raise ValueError("is not a file that ends with .svg, .dot or .mmd")
    if not path.parent.is_dir():
        raise ValueError("is not in a directory that exists")
    return path


MAP_FILE = values.Value("FILE", _map_file)


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
@watchable
def topology(run: Invocation, domain_id: str) -> None:
    """MESH_IP is the address of an edge's target. FALLBACK is the bridge that relays it, empty for a direct edge."""
    # a snapshot can be very large, so its bytes, or its typed edges, are freed before the other is shown
    if run.in_text:
        run.show_table(_edges(run.api.topology(domain_id).view), COLUMNS)
    else:
        run.show_document(run.api.topology(domain_id).document)


@command.leaf(
    "status",
    "Check whether a Domain's mesh is healthy",
    Contract(
        columns=STATUS_COLUMNS,
        document="wire:MeshStatus",
        examples=(
            'plexctl mesh status --domain "$DOMAIN_ID"',
            'plexctl mesh status --domain "$DOMAIN_ID" --output json | jq .healthy',
        ),
    ),
)
@domain_option
def status(run: Invocation, domain_id: str) -> None:
    """Exit code 0 means that every Node is anchored and healthy, and no edge is stale or unreachable.

    Otherwise the checks are still on stdout, and the exit code is 1. A relayed edge is no fault. WORST names the
    Nodes that a check concerns, or the one with the most such edges.
    """
    from plexctl.mesh_status import check_mesh, faults
    from plexctl.payload import own_payload

    checks = check_mesh(run.api.topology(domain_id).view, run.api.each_node(domain_id))
    wrong = faults(checks)
    rows = [{"check": each.check, "count": each.count, "worst": each.worst} for each in checks]
    run.show(
        own_payload({"domain_id": domain_id, "healthy": not wrong, "checks": rows}, checks), STATUS_COLUMNS, checks
    )
    if wrong:
        counted = ", ".join(f"{each.check} {each.count}" for each in wrong)
        raise Failure(Kind.CONFLICT, "Mesh Not Healthy", counted)


@command.leaf(
    "map",
    "Draw who reaches whom in a Domain's mesh",
    Contract(
        document="wire:MeshMap",
        examples=(
            'plexctl mesh map --domain "$DOMAIN_ID"',
            'plexctl mesh map --domain "$DOMAIN_ID" --to mesh.svg',
        ),
    ),
)
@domain_option
@option("--to", "path", type=MAP_FILE, help="File to write: a matrix as .svg, a graph as .dot or .mmd.", required=False)
def draw(run: Invocation, domain_id: str, path: "Path | None") -> None:
    """A row's symbols say how its Node reaches each of the others. With --to, stdout gets nothing.

    A mesh of more than 60 Nodes is shown by those with the most edges that are not direct and healthy. The file can be
    read by its owner only, and is written completely or not at all.
    """
    from plexctl.mesh_map import draw_map

    mesh = draw_map(domain_id, run.api.topology(domain_id).view, run.api.each_node(domain_id))
    if path:
        from plexctl.render.maps import write_map

        write_map(mesh, path)
    elif run.in_text:
        from plexctl.render.map_text import as_matrix

        run.write("".join(as_matrix(mesh, in_colour=run.in_colour(sys.stdout))))
    else:
        run.show_document(mesh.document())


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
