"""What the HTTP API and the signer read from a request's headers (for gRPC, its metadata)."""

import re

from plexctl.identifiers import uuid7

_BEARER = re.compile(r"bearer +(?P<credential>[!-~]+) *", re.IGNORECASE)
_REQUEST_ID = re.compile(r"[!-~]{1,128}")


def bearer(authorization: str) -> str | None:
    """Take the credential out of an Authorization header (RFC 6750), or None if it is not well formed."""
    match = _BEARER.fullmatch(authorization)
    return match["credential"] if match else None


def request_id(given: str) -> str:
    """Keep the caller's request id if it is one to 128 visible ASCII characters, else make one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid7()
