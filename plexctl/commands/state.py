"""state: what workloads and the platform keep about a Node."""

from typing import TYPE_CHECKING

from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import node_option
from plexctl.render.table import Column

if TYPE_CHECKING:
    from plexctl.wire import StateEntry

command = Family("state", "A Node's state has three buckets of entries: metadata, data, and its workloads' reports.")

COLUMNS = (
    Column("KEY", "key"),
    Column("VALUE", "value"),
    Column("WORKLOAD_TAG", "workload_tag"),
)
BUCKETS = ("metadata", "data", "reports")


@command.leaf(
    "get",
    "Show a Node's state",
    Contract(
        columns=COLUMNS,
        document="wire:NodeState",
        examples=(
            'plexctl state get --node "$NODE_ID"',
            "plexctl state get --node \"$NODE_ID\" --query 'length(peers)'",
        ),
    ),
)
@node_option
def get(run: Invocation, node_id: str) -> None:
    """Text has a table per bucket, or (none) for an empty one; json and yaml have the whole snapshot."""
    state = run.api.node_state(node_id)
    if not run.in_text:
        run.show_document(state.document)
        return
    separator = ""
    for bucket in BUCKETS:
        run.write(f"{separator}{bucket}\n")
        _show_entries(run, (state.view.state or {}).get(bucket, []))
        separator = "\n"


def _show_entries(run: Invocation, entries: "list[StateEntry]") -> None:
    if not entries:
        run.write("(none)\n")
        return
    from plexctl.render.table import values_of

    run.show_table(values_of(entries, COLUMNS), COLUMNS)
