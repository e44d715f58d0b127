"""What a Node of a fleet reports about itself, as the bodies of its requests."""

import base64
import hashlib
from datetime import UTC, datetime

from plexctl.version import VERSION

SYMMETRIC, FULL_CONE = "symmetric", "full_cone"

CAPABILITIES = {
    "binary_version": f"plexctl/{VERSION}",
    "binary_checksum": base64.b64encode(hashlib.sha256(VERSION.encode()).digest()).decode(),
}


def heartbeat(nat_type: str) -> dict[str, object]:
    """Make the body of a heartbeat of now."""
    return {"client_now": _now(), "nat_summary": {"nat_type": nat_type}, **CAPABILITIES}


def endpoint(number: int, nat_type: str) -> dict[str, str]:
    """Make an endpoint report of now; each Node has an address of its own, of the range for benchmarks (RFC 2544)."""
    high, low = divmod(number, 256)
    return {"endpoint": f"198.18.{high}.{low}:51820", "nat_type": nat_type, "reported_at": _now()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
