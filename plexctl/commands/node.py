"""node: the machines that have enrolled, anchored in their mesh or not."""

import click

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.listing import show_listing
from plexctl.options import domain_filter, paging_options
from plexctl.render.table import Column
from plexctl.repeating import watchable

command = Family("node", "A Node is a machine that has enrolled. What a server leaves out of it, text shows as -.")

COLUMNS = (
    Column("NODE_ID", "id"),
    Column("NAME", "name"),
    Column("PROJECT", "project_id"),
    Column("KIND", "kind"),
    Column("MESH_IP", "mesh_ip"),
    Column("REACHABILITY", "reachability", is_state=True),
)


@command.leaf(
    "list",
    "List Nodes, ordered by name",
    Contract(
        columns=COLUMNS,
        document="wire:NodePage",
        id_field="id",
        examples=(
            'plexctl node list --domain "$DOMAIN_ID"',
            "plexctl node list --all --query 'items[].name'",
        ),
    ),
)
@domain_filter
@paging_options
@watchable
def list_nodes(run: Invocation, domain_id: str | None, **paging: object) -> None:
    scope = {"domain_id": domain_id} if domain_id else {}
    show_listing(run, lambda query: run.api.nodes({**scope, **query}), COLUMNS, **paging)


@command.leaf(
    "get",
    "Show one Node",
    Contract(
        columns=COLUMNS,
        document="wire:Node",
        id_field="id",
        examples=(
            'plexctl node get "$NODE_ID"',
            'RESOURCE_ID=$(plexctl node get "$NODE_ID" --query resource_id)',
        ),
    ),
)
@click.argument("node_id", metavar="ID", type=values.NODE, help="UUID or name of the Node.")
def get(run: Invocation, node_id: str) -> None:
    """The API has no operation for one Node: plexctl reads the list until it finds the Node, then its reachability.

    The Node is removed with its Resource: see 'plexctl resource delete --help'.
    """
    run.show(run.api.node(node_id), COLUMNS)
