"""UUIDv7 (RFC 9562, section 5.7): ids that sort by the time of their making."""

import os
import time
from collections.abc import Callable


def uuid7(milliseconds: int | None = None, random_bytes: Callable[[int], bytes] = os.urandom) -> str:
    """Make a UUIDv7 from a Unix time in milliseconds (now, by default) and ten random bytes."""
    if milliseconds is None:
        milliseconds = time.time_ns() // 1_000_000
    octets = bytearray(milliseconds.to_bytes(6) + random_bytes(10))
    octets[6] = octets[6] & 0x0F | 0x70
    octets[8] = octets[8] & 0x3F | 0x80
    digits = octets.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
