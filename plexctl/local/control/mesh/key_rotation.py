"""The rotation of a Node's mesh key: an operator requests it, the Node completes it with a key that it generated."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from plexctl import grammar
from plexctl.local.control.base import reasons
from plexctl.local.control.base.events import Event
from plexctl.local.control.base.fields import Body, check_known
from plexctl.local.control.base.pending import PendingResponse
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import ADMIN, Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.mesh import contact, node_secret, nodes, psks, revisions
from plexctl.local.store import Row

ESTIMATED_MS_PER_EDGE = 50


@dataclass(frozen=True)
class RotateKeys(Event):
    """A Node must generate a new mesh key."""

    kind: ClassVar[str] = "rotate_keys"
    node_id: str
    rotation_id: str


@dataclass(frozen=True)
class PeerKeyRotated(Event):
    """A Node has a new mesh key, in base64."""

    kind: ClassVar[str] = "peer_key_rotated"
    node_id: str
    public_key: str
    rotation_id: str
    kid: str
    wrap_key_version: int


def trigger(control: Control, caller: Principal, node_id: str, response: PendingResponse | None) -> dict[str, Any]:
    """Request a new key from a Node; while a request is pending, another changes nothing and says so.

    Raises: Refusal(permission_denied, node_not_found).
    """
    with control.write(caller, response) as tx:
        node, peer_id = _peer_of(tx, caller, node_id)
        rotation_id = pending_rotation(tx, node["id"])
        already_pending = rotation_id is not None
        if rotation_id is None:
            rotation_id = _request(tx, node["id"], peer_id)
    return {"rotation_id": rotation_id, "peer_id": peer_id, "already_pending": already_pending}


def preview(control: Control, caller: Principal, node_id: str) -> dict[str, Any]:
    """Describe what a rotation would change, and record nothing.

    Raises: Refusal(permission_denied, node_not_found).
    """
    with control.read(caller) as tx:
        node, peer_id = _peer_of(tx, caller, node_id)
        edges = psks.edges(tx, node["id"])
        pending = pending_rotation(tx, node["id"])
    return {
        "node_id": node["id"],
        "peer_id": peer_id,
        "affected_peer_count": len(edges),
        "affected_edges": [
            {
                "peer_node_id": edge["peer_node_id"],
                "current_kid": edge["kid"],
                "current_wrap_key_version": edge["wrap_key_version"],
            }
            for edge in edges
        ],
        "already_pending": pending is not None,
        "estimated_duration_seconds": len(edges) * ESTIMATED_MS_PER_EDGE // 1000,
    }


def complete(
    control: Control, bearer: str | None, read_body: Callable[[], Body], response: PendingResponse | None
) -> dict[str, Any]:
    """Install the calling Node's new key and answer with the rotation's receipt.

    The body is read once the caller is known to be a Node.

    Raises: Refusal(unauthorized, malformed_keys_rotate_request, keys_rotate_public_key_invalid,
    keys_rotate_peer_not_found, keys_rotate_no_pending_rotation, keys_rotate_public_key_unchanged), and those of
    `contact.authenticate`.
    """
    node_id = contact.authenticate(control, node_secret.required(bearer))
    new_key = _read(read_body())
    with control.write(None, response) as tx:
        return _receipt(_complete(tx, node_id, new_key))


def _complete(tx: Transaction, node_id: str, new_key: str) -> str:
    node = tx.execute("SELECT * FROM nodes WHERE id = ?", (node_id,)).fetchone()
    if not tx.execute("SELECT 1 FROM peers WHERE node_id = ?", (node_id,)).fetchone():
        raise Refusal(
            reasons.KEYS_ROTATE_PEER_NOT_FOUND, f"Node {node_id} is not anchored in the mesh yet; try again soon"
        )
    rotation_id = pending_rotation(tx, node_id)
    if rotation_id is None:
        return _completed_with(tx, node_id, new_key)
    if new_key == node["public_key"]:
        raise Refusal(
            reasons.KEYS_ROTATE_PUBLIC_KEY_UNCHANGED,
            "new_public_key is the Node's current key; generate a fresh key pair",
        )
    _install(tx, node, rotation_id, new_key)
    return rotation_id


def _install(tx: Transaction, node: Row, rotation_id: str, new_key: str) -> None:
    tx.execute("UPDATE nodes SET public_key = ? WHERE id = ?", (new_key, node["id"]))
    psks.reissue(tx, node["domain_id"], node["id"])
    revisions.advance(tx, node["domain_id"], node["id"])
    tx.execute(
        "UPDATE mesh_key_rotations SET completed_at = ?, new_public_key = ? WHERE id = ?",
        (tx.now, new_key, rotation_id),
    )
    tx.promise(PeerKeyRotated(node["id"], new_key, **_receipt(rotation_id)))


def _completed_with(tx: Transaction, node_id: str, key: str) -> str:
    """Return the last completed rotation if the key is its key: the Node may have missed the receipt."""
    last = tx.execute(
        "SELECT id, new_public_key FROM mesh_key_rotations WHERE node_id = ? ORDER BY sequence DESC LIMIT 1",
        (node_id,),
    ).fetchone()
    if last is None or last["new_public_key"] != key:
        raise Refusal(
            reasons.KEYS_ROTATE_NO_PENDING_ROTATION,
            f"no rotation is pending for Node {node_id}; an operator requests one with plexctl key rotate",
        )
    return str(last["id"])


def _receipt(rotation_id: str) -> dict[str, Any]:
    return {"rotation_id": rotation_id, "kid": psks.KID, "wrap_key_version": psks.WRAP_KEY_VERSION}


def _read(body: Body) -> str:
    check_known(body, ("new_public_key",), reasons.MALFORMED_KEYS_ROTATE_REQUEST)
    key = body.get("new_public_key", "")
    if not isinstance(key, str):
        raise Refusal(reasons.MALFORMED_KEYS_ROTATE_REQUEST, "new_public_key is not text")
    try:
        return grammar.public_key(key)
    except ValueError as error:
        raise Refusal(reasons.KEYS_ROTATE_PUBLIC_KEY_INVALID, f"new_public_key {error}") from None


def _peer_of(tx: Transaction, caller: Principal, node_id: str) -> tuple[Row, str]:
    """Find a Node and its Peer for an operator who manages it.

    A Node without a Peer has no edges to re-key: it is refused as not found.
    """
    node = nodes.find(tx, caller, ADMIN, node_id, reasons.PERMISSION_DENIED)
    peer = tx.execute("SELECT id FROM peers WHERE node_id = ?", (node["id"],)).fetchone()
    if peer is None:
        raise Refusal(
            reasons.NODE_NOT_FOUND, f"Node {node_id} is registered but not anchored yet; try again in a moment"
        )
    return node, peer["id"]


def pending_rotation(tx: Transaction, node_id: str) -> str | None:
    """Return the id of a Node's pending rotation, or None."""
    row = tx.execute(
        "SELECT id FROM mesh_key_rotations WHERE node_id = ? AND completed_at IS NULL", (node_id,)
    ).fetchone()
    return None if row is None else str(row["id"])


def _request(tx: Transaction, node_id: str, peer_id: str) -> str:
    rotation_id = tx.new_id()
    tx.execute(
        "INSERT INTO mesh_key_rotations (id, node_id, peer_id, requested_at) VALUES (?, ?, ?, ?)",
        (rotation_id, node_id, peer_id, tx.now),
    )
    tx.promise(RotateKeys(node_id, rotation_id))
    return rotation_id
