"""The end of a Node: its secret is revoked, its keys and its place in the mesh are gone."""

from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.mesh import revisions
from plexctl.local.control.mesh.snapshot_events import LEFT, NodeStateUpdated
from plexctl.local.store import Row

# Tables of what is a Node's, in the order in which their rows refer to each other.
_OF_A_NODE = ("mesh_key_rotations", "psks", "peers", "state_reports", "capability_manifests")


def deregister(tx: Transaction, node: Row) -> None:
    """Remove a Node from its mesh and keep its secret as a revoked one; its address is free again."""
    is_peer = tx.execute("SELECT 1 FROM peers WHERE node_id = ?", (node["id"],)).fetchone() is not None
    tx.execute(
        "INSERT INTO deregistered_nodes (id, domain_id, token_id, nsk_wrapped, deregistered_at) VALUES (?, ?, ?, ?, ?)",
        (node["id"], node["domain_id"], node["token_id"], node["nsk_wrapped"], tx.now),
    )
    for table in _OF_A_NODE:
        tx.execute(f"DELETE FROM {table} WHERE node_id = ?", (node["id"],))  # noqa: S608  the names are the program's own
    tx.execute("DELETE FROM nodes WHERE id = ?", (node["id"],))
    if is_peer:
        revisions.advance(tx, node["domain_id"])
        tx.promise(NodeStateUpdated(node["domain_id"], node["id"], LEFT))
