"""signing: the keys that sign the mesh event bus, which the signer keeps (gRPC), one active key per scope."""

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.options import option, signer_options
from plexctl.render.table import Column, time_cell

command = Family(
    "signing",
    "These commands call the signer, at an endpoint of its own, and never use --server. "
    "For a Node's mesh key see 'plexctl key --help'.",
)

CLOSE_COLUMNS = (
    Column("SCOPE", "scope"),
    Column("OLD_KEY_ID", "old_key_id"),
    Column("NEW_KEY_ID", "new_key_id"),
)
ROTATE_COLUMNS = (
    *CLOSE_COLUMNS,
    Column("OPENED_AT", "opened_at", time_cell),
    Column("CLOSES_AT", "closes_at", time_cell),
)

_scope_option = option("--scope", type=values.SCOPE, help="Signing scope: platform, or domain:<uuid>.")


@command.leaf(
    "rotate",
    "Open a rotation: introduce a new signing key",
    Contract(
        columns=ROTATE_COLUMNS,
        document="wire:OpenedRotation",
        idempotent=False,
        examples=(
            "plexctl signing rotate --scope platform --new-key-id platform-2026-05",
            'plexctl signing rotate --signer-endpoint localhost:9443 --scope "domain:$DOMAIN_ID" --new-key-id k2',
        ),
    ),
)
@_scope_option
@option("--new-key-id", type=values.KEY_ID, help="Id of the new key.")
@signer_options
def rotate(run: Invocation, scope: str, new_key_id: str) -> None:
    """CLOSES_AT is until when Nodes shall accept the old key's signatures, besides those of the new one.

    Nothing happens by itself at that time: the rotation stays open until you close it, which retires the old key.
    """
    run.show(run.signer.open_rotation(scope, new_key_id), ROTATE_COLUMNS)


@command.leaf(
    "close",
    "Close a rotation: retire the old key and promote the new one",
    Contract(
        columns=CLOSE_COLUMNS,
        document="wire:ClosedRotation",
        idempotent=False,
        examples=(
            "plexctl signing close --scope platform --old k1 --new platform-2026-05",
            'plexctl signing close --scope "domain:$DOMAIN_ID" --old k1 --new k2',
        ),
    ),
)
@_scope_option
@option("--old", "old_key_id", type=values.KEY_ID, help="Id of the key to retire.")
@option("--new", "new_key_id", type=values.KEY_ID, help="Id of the key to promote.")
@signer_options
def close(run: Invocation, scope: str, old_key_id: str, new_key_id: str) -> None:
    """Prints the ids given, since the signer's response is empty."""
    run.show(run.signer.close_rotation(scope, old_key_id, new_key_id), CLOSE_COLUMNS)
