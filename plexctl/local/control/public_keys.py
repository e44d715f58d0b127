"""X25519 public keys (RFC 7748) as WireGuard writes them."""

import base64
import binascii

KEY_LENGTH = 32


def decode(text: str) -> bytes:
    """Read 44 characters of standard base64 into the 32 bytes of a usable key; raises ValueError."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not standard base64 with padding") from None
    if len(key) != KEY_LENGTH or base64.b64encode(key).decode() != text:
        raise ValueError(f"is not the base64 of {KEY_LENGTH} bytes, which is 44 characters")
    if not any(key):
        raise ValueError("is all zero, which is no key")
    return key
