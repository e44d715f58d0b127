"""The delivery of an edge's pre-shared key to a Node, sealed under the Node's secret."""

from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.control.mesh import contact, node_secret, nodes, psks
from plexctl.local.store import Row
from plexctl.local.vault import NONCE_LENGTH

NSK_KID = "nsk-software-v1"  # a Node has one secret, from its registration to its end


class SealedKey(NamedTuple):
    """An edge's key: nonce (12 bytes), ciphertext (32) and tag (16) of AES-256-GCM under the caller's secret.

    The additional authenticated data are the ASCII bytes of `epoch`: when the caller's and the peer's keys were issued.
    """

    envelope: bytes
    kid: str
    epoch: str


def fetch(control: Control, bearer: str | None, node_id: str, peer_node_id: str) -> SealedKey:
    """Derive and seal the key of the edge between the calling Node and a Peer.

    Raises: Refusal(unauthorized, node_deregistered, peer_not_found, psk_not_ready), and those of
    `contact.authenticate_as`.
    """
    contact.authenticate_as(control, node_secret.required(bearer), node_id)
    with control.read(None) as tx:
        node = nodes.itself(tx, node_id, reasons.NODE_DEREGISTERED)
        _check_peer(tx, node, peer_node_id)
        ends = [psks.live(tx, node["domain_id"], each) for each in (node_id, peer_node_id)]
    own, other = ends
    if own is None or other is None:
        raise Refusal(reasons.PSK_NOT_READY, "one end of the edge is not anchored yet; try again soon")
    epoch = f"{_instant(own.issued_at)}|{_instant(other.issued_at)}"
    nonce = control.vault.random_bytes(NONCE_LENGTH)
    cipher = AESGCM(node_secret.unwrap(control.vault, node))
    return SealedKey(nonce + cipher.encrypt(nonce, psks.edge_key(own, other), epoch.encode()), NSK_KID, epoch)


def _check_peer(tx: Transaction, node: Row, peer_node_id: str) -> None:
    """Refuse an id that is not another Node's of the same Domain; it may be one of another Domain or of none."""
    found = tx.execute("SELECT domain_id FROM nodes WHERE id = ?", (peer_node_id,)).fetchone()
    if found is None or found["domain_id"] != node["domain_id"] or peer_node_id == node["id"]:
        raise Refusal(reasons.PEER_NOT_FOUND, f"Node {node['id']} has no peer {peer_node_id}")


def _instant(microseconds: int) -> str:
    """Write an instant in UTC with nanoseconds, in a form of fixed width, so that texts compare as instants do."""
    seconds, rest = divmod(microseconds, MICROSECONDS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06}000Z"
