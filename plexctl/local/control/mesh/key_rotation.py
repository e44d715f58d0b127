"""The rotation of a Node's mesh key: the operator asks for it, the Node completes it with a key of its own making."""

import base64
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from plexctl import grammar
from plexctl.local.control.base import outbox
from plexctl.local.control.base.authorization import Principal
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.mesh import node_secret, nodes, psks

ESTIMATED_MILLISECONDS_AN_EDGE = 50


def trigger(control: Control, principal: Principal, node_id: str) -> dict[str, Any]:
    """Ask a Node for a new key; while it has not answered, asking again changes nothing and says so."""
    with control.store.write() as connection:
        node, peer_id = _peer_of(connection, control, principal, node_id)
        rotation_id = pending_rotation(connection, node["id"])
        already_pending = rotation_id is not None
        if rotation_id is None:
            rotation_id = _request(connection, control, node["id"], peer_id)
    return {"rotation_id": rotation_id, "peer_id": peer_id, "already_pending": already_pending}


def preview(control: Control, principal: Principal, node_id: str) -> dict[str, Any]:
    """Tell what a rotation would touch, and record nothing."""
    with control.store.read() as connection:
        node, peer_id = _peer_of(connection, control, principal, node_id)
        edges = psks.live(connection, node["id"])
        pending = pending_rotation(connection, node["id"])
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
        "estimated_duration_seconds": len(edges) * ESTIMATED_MILLISECONDS_AN_EDGE // 1000,
    }


def complete(control: Control, bearer: str | None, document: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Install the calling Node's new key and answer with the rotation's receipt.

    `document` reads the body; it is called once the caller is known to be a Node.
    """
    node_id = node_secret.authenticate(control, bearer)["id"]
    new_key = _read(document())
    with control.store.write() as connection:
        return _receipt(_complete(connection, control, node_id, new_key))


def _complete(connection: sqlite3.Connection, control: Control, node_id: str, new_key: bytes) -> str:
    node = connection.execute("SELECT * FROM nodes WHERE id = ?", (node_id,)).fetchone()
    if not connection.execute("SELECT 1 FROM peers WHERE node_id = ?", (node_id,)).fetchone():
        raise Refusal("keys_rotate_peer_not_found", f"Node {node_id} is not anchored in the mesh yet; try again soon")
    rotation_id = pending_rotation(connection, node_id)
    if rotation_id is None:
        return _completed_with(connection, node_id, new_key)
    if new_key == node["public_key"]:
        raise Refusal(
            "keys_rotate_public_key_unchanged", "new_public_key is the Node's current key; generate a fresh key pair"
        )
    _install(connection, control, node, rotation_id, new_key)
    return rotation_id


def _install(
    connection: sqlite3.Connection, control: Control, node: sqlite3.Row, rotation_id: str, new_key: bytes
) -> None:
    now = control.sources.now()
    connection.execute("UPDATE nodes SET public_key = ? WHERE id = ?", (new_key, node["id"]))
    psks.reissue(connection, control, node["domain_id"], node["id"])
    connection.execute(
        "UPDATE mesh_key_rotations SET completed_at = ?, new_public_key = ? WHERE id = ?", (now, new_key, rotation_id)
    )
    event = {
        "node_id": node["id"],
        "public_key": base64.b64encode(new_key).decode(),
        **_receipt(rotation_id),
    }
    outbox.append(connection, control, "peer_key_rotated", event, now)


def _completed_with(connection: sqlite3.Connection, node_id: str, key: bytes) -> str:
    """Find the last completed rotation again by its key, for a Node that never saw the receipt."""
    last = connection.execute(
        "SELECT id, new_public_key FROM mesh_key_rotations WHERE node_id = ? ORDER BY completed_at DESC, id DESC",
        (node_id,),
    ).fetchone()
    if last is None or last["new_public_key"] != key:
        raise Refusal(
            "keys_rotate_no_pending_rotation", f"no rotation is pending for Node {node_id}; an operator triggers one"
        )
    return str(last["id"])


def _receipt(rotation_id: str) -> dict[str, Any]:
    return {"rotation_id": rotation_id, "kid": psks.KID, "wrap_key_version": psks.WRAP_KEY_VERSION}


def _read(document: Mapping[str, Any]) -> bytes:
    unknown = sorted(document.keys() - {"new_public_key"})
    key = document.get("new_public_key", "")
    if unknown or not isinstance(key, str):
        wrong = f"{unknown[0][:40]!r} is not a field here" if unknown else "new_public_key is not a string"
        raise Refusal("malformed_keys_rotate_request", f'{wrong}; send {{"new_public_key": "<base64>"}} alone')
    try:
        return grammar.public_key(key)
    except ValueError as error:
        raise Refusal("keys_rotate_public_key_invalid", f"new_public_key {error}") from None


def _peer_of(
    connection: sqlite3.Connection, control: Control, principal: Principal, node_id: str
) -> tuple[sqlite3.Row, str]:
    """Find a Node and its Peer for an operator who manages it.

    A Node without a Peer has no edges to re-key, and the mesh does not know it either: it is not found.
    """
    node = nodes.find(connection, control, principal, "admin", node_id)
    peer = connection.execute("SELECT id FROM peers WHERE node_id = ?", (node["id"],)).fetchone()
    if peer is None:
        raise Refusal("node_not_found", f"Node {node_id} is registered but not anchored yet; try again in a moment")
    return node, peer["id"]


def pending_rotation(connection: sqlite3.Connection, node_id: str) -> str | None:
    """Return the id of the rotation that a Node has yet to complete."""
    row = connection.execute(
        "SELECT id FROM mesh_key_rotations WHERE node_id = ? AND completed_at IS NULL", (node_id,)
    ).fetchone()
    return None if row is None else row["id"]


def _request(connection: sqlite3.Connection, control: Control, node_id: str, peer_id: str) -> str:
    rotation_id, now = control.sources.new_id(), control.sources.now()
    connection.execute(
        "INSERT INTO mesh_key_rotations (id, node_id, peer_id, requested_at) VALUES (?, ?, ?, ?)",
        (rotation_id, node_id, peer_id, now),
    )
    outbox.append(connection, control, "rotate_keys", {"node_id": node_id, "rotation_id": rotation_id}, now)
    return rotation_id
