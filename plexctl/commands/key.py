"""key: a Node's mesh key, which anchors its WireGuard edges."""

import click

from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import node_option
from plexctl.render.table import Column

command = Family(
    "key",
    "An operator asks for a new mesh key; the Node makes it and completes the rotation. "
    "For the keys that sign the mesh event bus see 'plexctl signing --help'.",
)

COLUMNS = (
    Column("NODE_ID", "node_id"),
    Column("PEER_ID", "peer_id"),
    Column("ROTATION_ID", "rotation_id"),
    Column("ALREADY_PENDING", "already_pending"),
)
PREVIEW_COLUMNS = (
    Column("NODE_ID", "node_id"),
    Column("PEER_ID", "peer_id"),
    Column("AFFECTED_PEERS", "affected_peer_count"),
    Column("ALREADY_PENDING", "already_pending"),
    Column("ETA_SECONDS", "estimated_duration_seconds"),
)


@command.leaf(
    "rotate",
    "Ask a Node for a new mesh key, or preview that",
    Contract(
        columns=COLUMNS,
        document="wire:KeyRotation",
        preview_columns=PREVIEW_COLUMNS,
        preview_document="wire:RotationPreview",
        examples=(
            'plexctl key rotate --node "$NODE_ID" --dry-run',
            'plexctl key rotate --node "$NODE_ID"',
        ),
    ),
)
@node_option
@click.option("--dry-run", is_flag=True, help="Show which edges it would touch; nothing is recorded.")
def rotate(run: Invocation, node_id: str, dry_run: bool) -> None:  # noqa: FBT001  Click passes a switch so
    """A rotation that is already pending is reported as such and is a success."""
    if dry_run:
        run.show(run.api.preview_key_rotation(node_id), PREVIEW_COLUMNS)
    else:
        run.show(run.api.rotate_key(node_id), COLUMNS)
