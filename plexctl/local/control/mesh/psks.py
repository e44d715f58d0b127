"""Pre-shared keys: one live key per Peer, wrapped at rest under its Domain's key; an edge's key is derived from two.

The derivation is HKDF-SHA256 (RFC 5869). Its input is the keys of the edge's two Nodes, its info their ids (16 bytes
each), both with the lower id first, and its salt is `EDGE_SALT`. So both ends get the same 32 bytes, a rotation of
either Node changes them, and a mesh of N Nodes has N keys at rest, not one per pair.
"""

from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from plexctl.local.control.base.transaction import Transaction
from plexctl.local.store import Row

KID = "psk-software-v1"
WRAP_KEY_VERSION = 1
KEY_LENGTH = 32  # bytes
EDGE_SALT = b"plexctl local edge psk v1"

_EDGES = """
  SELECT peers.node_id AS peer_node_id, kid, wrap_key_version
  FROM peers AS own JOIN peers ON peers.domain_id = own.domain_id AND peers.node_id <> own.node_id
  JOIN psks ON psks.node_id = peers.node_id AND retired_at IS NULL
  JOIN nodes ON nodes.id = peers.node_id WHERE own.node_id = ? ORDER BY mesh_ip_number
"""


class Psk(NamedTuple):
    """A Node's live key (32 bytes), and when it was issued in Unix microseconds."""

    node_id: str
    octets: bytes
    issued_at: int


def issue(tx: Transaction, domain_id: str, node_id: str) -> None:
    """Give a Node its next key; the key before must be retired by then."""
    last = tx.execute(
        "SELECT generation, issued_at FROM psks WHERE node_id = ? ORDER BY generation DESC", (node_id,)
    ).fetchone()
    generation, issued_at = (1, tx.now) if last is None else (last[0] + 1, max(tx.now, last[1] + 1))
    wrapped = tx.vault.wrap(domain_id, _label(node_id, generation), tx.vault.random_bytes(KEY_LENGTH))
    tx.execute(
        "INSERT INTO psks (node_id, generation, kid, wrap_key_version, wrapped, issued_at) VALUES (?, ?, ?, ?, ?, ?)",
        (node_id, generation, KID, WRAP_KEY_VERSION, wrapped, issued_at),
    )


def reissue(tx: Transaction, domain_id: str, node_id: str) -> None:
    """Retire a Node's key and give it the next, which changes the keys of all its edges."""
    tx.execute("UPDATE psks SET retired_at = ? WHERE node_id = ? AND retired_at IS NULL", (tx.now, node_id))
    issue(tx, domain_id, node_id)


def edges(tx: Transaction, node_id: str) -> list[Row]:
    """Return a Peer's edges (peer_node_id, kid, wrap_key_version), by the mesh IP of their other ends."""
    return tx.execute(_EDGES, (node_id,)).fetchall()


def live(tx: Transaction, domain_id: str, node_id: str) -> Psk | None:
    """Unwrap a Node's live key; a Node that is not anchored has none."""
    row = tx.execute(
        "SELECT generation, wrapped, issued_at FROM psks WHERE node_id = ? AND retired_at IS NULL", (node_id,)
    ).fetchone()
    if row is None:
        return None
    octets = tx.vault.unwrap(domain_id, _label(node_id, row["generation"]), row["wrapped"])
    return Psk(node_id, octets, row["issued_at"])


def edge_key(one: Psk, other: Psk) -> bytes:
    """Derive the key (32 bytes) of the edge between two Nodes, which is the same from either end."""
    low, high = sorted((one, other), key=lambda psk: psk.node_id)
    info = UUID(low.node_id).bytes + UUID(high.node_id).bytes
    return HKDF(SHA256(), KEY_LENGTH, EDGE_SALT, info).derive(low.octets + high.octets)


def _label(node_id: str, generation: int) -> str:
    return f"psk:{node_id}:{generation}"
