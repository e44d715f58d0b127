"""The edges that a Node of a fleet uses, and the opening of their keys.

A Node of a fleet fetches the key of an edge when it first uses the edge, and again when either end has a new mesh key.
It uses the edges to its neighbours in a ring of all Peers by id: all of them in a mesh of nine, eight in a larger one.
So the work of a fleet grows with the number of its Nodes and not with its square, and both ends of an edge use it.
"""

import base64
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from plexctl.local.plane_error import PlaneError

NEIGHBOURS = 4  # on each side
_NONCE_LENGTH = 12  # bytes


def neighbours(node_id: str, peer_ids: Iterable[str]) -> set[str]:
    """Return the Peers to which a Node uses its edges; with few Peers, all."""
    ring = sorted({*peer_ids, node_id})
    place = ring.index(node_id)
    steps = (step for step in range(-NEIGHBOURS, NEIGHBOURS + 1))
    return {ring[(place + step) % len(ring)] for step in steps} - {node_id}


def open_key(envelope: bytes, epoch: str, nsk: str) -> bytes:
    """Return the key (32 bytes) in an envelope: nonce, ciphertext and tag under the NSK, authenticating the epoch.

    Raises: PlaneError where the envelope was not sealed so.
    """
    nonce, sealed = envelope[:_NONCE_LENGTH], envelope[_NONCE_LENGTH:]
    try:
        return AESGCM(base64.b64decode(nsk)).decrypt(nonce, sealed, epoch.encode())
    except (InvalidTag, ValueError):
        detail = f"the key of an edge, of the epoch {epoch}, is not sealed under its Node's secret key"
        raise PlaneError("Edge Key Not Readable", detail) from None
