"""Pairwise pre-shared keys: one live key per pair of Peers, wrapped at rest under their Domain's key."""

from plexctl.local.control.base.transaction import Transaction
from plexctl.local.store import Row

KID = "psk-software-v1"
WRAP_KEY_VERSION = 1

# SQLite uses an index for a condition on one end of an edge; for one on either end it reads every key of every mesh.
_RETIRE = (
    "UPDATE psks SET retired_at = ? WHERE low_node_id = ? AND retired_at IS NULL",
    "UPDATE psks SET retired_at = ? WHERE high_node_id = ? AND retired_at IS NULL",
)
_LIVE = """
  SELECT edges.* FROM (
    SELECT high_node_id AS peer_node_id, kid, wrap_key_version FROM psks
    WHERE low_node_id = :node_id AND retired_at IS NULL
    UNION ALL
    SELECT low_node_id, kid, wrap_key_version FROM psks WHERE high_node_id = :node_id AND retired_at IS NULL
  ) AS edges JOIN nodes ON nodes.id = peer_node_id ORDER BY mesh_ip_number
"""


def issue(tx: Transaction, domain_id: str, one: str, other: str) -> None:
    """Give a pair of Nodes its next key; the key before must be retired by then."""
    low, high = sorted((one, other))
    ((last,),) = tx.execute(
        "SELECT coalesce(max(generation), 0) FROM psks WHERE low_node_id = ? AND high_node_id = ?", (low, high)
    )
    wrapped = tx.vault.wrap(domain_id, f"psk:{low}:{high}:{last + 1}", tx.vault.random_bytes(32))
    tx.execute(
        "INSERT INTO psks (low_node_id, high_node_id, generation, kid, wrap_key_version, wrapped, issued_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (low, high, last + 1, KID, WRAP_KEY_VERSION, wrapped, tx.now),
    )


def reissue(tx: Transaction, domain_id: str, node_id: str) -> None:
    """Retire every live key of a Node and give each of its pairs a fresh one."""
    edges = live(tx, node_id)
    for statement in _RETIRE:
        tx.execute(statement, (tx.now, node_id))
    for edge in edges:
        issue(tx, domain_id, node_id, edge["peer_node_id"])


def live(tx: Transaction, node_id: str) -> list[Row]:
    """Return the keys in force on a Node's edges (peer_node_id, kid, wrap_key_version), by the peer's mesh IP."""
    return tx.execute(_LIVE, {"node_id": node_id}).fetchall()
