"""Readers for request headers, which the HTTP API and the signer (gRPC metadata) share."""

import re

from plexctl.identifiers import uuid7
from plexctl.local.masking import masked

_BEARER = re.compile(r"bearer +(?P<credential>[!-~]+) *", re.IGNORECASE)
_REQUEST_ID = re.compile(r"[!-~]{1,128}")


def bearer(authorization: str) -> str | None:
    """Return the credential in an Authorization header (RFC 6750), or None if the header is malformed."""
    match = _BEARER.fullmatch(authorization)
    return match["credential"] if match else None


def request_id(given: str) -> str:
    """Return the caller's request id if it is 1 to 128 visible ASCII characters and no credential, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) and masked(given) == given else uuid7()
