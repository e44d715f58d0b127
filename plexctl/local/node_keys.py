"""The key pair of a Node and the credential of its requests; each key, the NSK too, is the base64 of 32 bytes."""

import base64
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


def new_private_key() -> str:
    """Generate an X25519 private key."""
    return base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()).decode()


def public_key(private_key: str) -> str:
    """Compute the public half of a private key."""
    key = X25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def bearer(node_id: str, nsk: str) -> str:
    """Assemble the credential of a Node's requests from its id and its NSK."""
    octets = UUID(node_id).bytes + base64.b64decode(nsk)
    return "nsk_dev_" + base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
