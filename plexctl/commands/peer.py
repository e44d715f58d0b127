"""peer: the Nodes that are anchored in a Domain's mesh."""

from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import domain_option, node_option
from plexctl.render.table import Column

command = Family("peer", "A Peer is a Node that the control plane has anchored in its Domain's mesh.")

COLUMNS = (
    Column("NODE_ID", "node_id"),
    Column("MESH_IP", "mesh_ip"),
    Column("REACHABILITY", "reachability", is_state=True),
)


@command.leaf(
    "list",
    "List the Peers of a Domain",
    Contract(
        columns=COLUMNS,
        document="wire:PeerList",
        id_field="node_id",
        examples=(
            'plexctl peer list --domain "$DOMAIN_ID"',
            'plexctl peer list --domain "$DOMAIN_ID" --columns mesh_ip,node_id --no-headers',
            "plexctl peer list --domain \"$DOMAIN_ID\" --query 'items[].mesh_ip'",
        ),
    ),
)
@domain_option
def list_peers(run: Invocation, domain_id: str) -> None:
    peers = run.api.peers(domain_id)
    run.show(peers, COLUMNS, peers.view.items)


@command.leaf(
    "get",
    "Show one Peer",
    Contract(
        columns=COLUMNS,
        document="wire:Peer",
        id_field="node_id",
        examples=('plexctl peer get --domain "$DOMAIN_ID" --node "$NODE_ID"',),
    ),
)
@domain_option
@node_option
def get(run: Invocation, domain_id: str, node_id: str) -> None:
    run.show(run.api.peer(domain_id, node_id), COLUMNS)
