"""peer: the Nodes that are anchored in a Domain's mesh."""

import click

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import domain_option, node_option
from plexctl.render.table import Column
from plexctl.repeating import DEFAULT_WITHIN_NS, watchable, within_option

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
            'plexctl peer list --domain "$DOMAIN_ID" --watch',
        ),
    ),
)
@domain_option
@watchable
def list_peers(run: Invocation, domain_id: str) -> None:
    peers = run.api.peers(domain_id)
    run.show(peers, COLUMNS, peers.view.items)


@command.leaf(
    "wait",
    "Wait until Nodes are Peers of their Domain's mesh",
    Contract(
        columns=COLUMNS,
        document="wire:PeerList",
        id_field="node_id",
        examples=(
            'plexctl peer wait --domain "$DOMAIN_ID" --count 1',
            'plexctl peer wait --domain "$DOMAIN_ID" --node "$NODE_ID" --for healthy --within 2m',
        ),
    ),
)
@domain_option
@click.option(
    "--node",
    "node_ids",
    type=values.NODE,
    multiple=True,
    help="UUID or name of a Node to wait for; may be given again.",
)
@click.option("--count", type=values.COUNT, help="Wait for any N Peers.")
@click.option(
    "--for", "state", type=values.OneOf(("anchored", "healthy")), default="anchored", help="What to wait for."
)
@within_option
def wait(
    run: Invocation, domain_id: str, node_ids: tuple[str, ...], count: int | None, state: str, within: int | None
) -> None:
    """Waits for the Nodes that --node names, for --count Peers, or for every Node that has enrolled in the Domain.

    When the time is over, the exit code is 1, and the error names what is missing and in which state it is. A name
    must have enrolled already; a UUID need not.
    """
    if node_ids and count:
        raise click.BadOptionUsage("--count", "cannot be combined with --node")
    from plexctl.waits import Wanted, until_peers

    peers = until_peers(run, domain_id, Wanted(node_ids, count, state == "healthy"), within or DEFAULT_WITHIN_NS)
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
