"""key: the mesh key of a Node, which its WireGuard edges use."""

import click

from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import node_option
from plexctl.render.table import Column
from plexctl.repeating import waitable

command = Family(
    "key",
    "An operator requests a new mesh key; the Node generates it and completes the rotation. "
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
    "Request a new mesh key of a Node, or preview the rotation",
    Contract(
        columns=COLUMNS,
        document="wire:KeyRotation",
        id_field="node_id",
        preview_columns=PREVIEW_COLUMNS,
        preview_document="wire:RotationPreview",
        examples=(
            'plexctl key rotate --node "$NODE_ID" --dry-run',
            'plexctl key rotate --node "$NODE_ID"',
        ),
    ),
)
@node_option
@click.option("--dry-run", is_flag=True, help="Show which edges would change; record nothing.")
@waitable("Wait until the Node has completed the rotation.")
def rotate(run: Invocation, node_id: str, dry_run: bool, within: int | None) -> None:
    """If a rotation is pending already, ALREADY_PENDING is true, and the exit code is 0."""
    if dry_run:
        if within:
            raise click.BadOptionUsage("--wait", "cannot be combined with --dry-run")
        run.show(run.api.preview_key_rotation(node_id), PREVIEW_COLUMNS)
        return
    rotation = run.api.rotate_key(node_id)
    if within:
        from plexctl.waits import until_rotated

        until_rotated(run, rotation.view, within)
    run.show(rotation, COLUMNS)
