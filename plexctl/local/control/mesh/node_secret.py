"""The node secret key (NSK) as a bearer: finds the Node that calls."""

import base64
import hmac
import re
import uuid

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Transaction
from plexctl.local.store import Row
from plexctl.local.vault import Vault

_ENVELOPE = re.compile(r"nsk_[a-z]+_(?P<payload>[A-Za-z0-9_-]{64})")  # 48 octets, so nothing is left to pad
_NODE_ID_LENGTH = 16  # bytes


def label(node_id: str) -> str:
    """Return the vault's label for a Node's secret."""
    return f"nsk:{node_id}"


def required(bearer: str | None) -> str:
    """Return the bearer of a request that must have one.

    Raises: Refusal(unauthorized).
    """
    if bearer is None:
        raise Refusal(reasons.UNAUTHORIZED, "send the Node's secret key as a bearer in the Authorization header")
    return bearer


def authenticate(tx: Transaction, bearer: str) -> Row:
    """Return the row of the Node whose secret the bearer contains.

    Raises: Refusal(nsk_invalid) if it is not a Node's; Refusal(nsk_revoked) if it was revoked.
    """
    node_id, secret = _open(bearer)
    node: Row | None = tx.execute("SELECT * FROM nodes WHERE id = ?", (node_id,)).fetchone()
    former = None
    if node is None:
        former = tx.execute("SELECT * FROM deregistered_nodes WHERE id = ?", (node_id,)).fetchone()
    known = node or former
    if known is None or not hmac.compare_digest(unwrap(tx.vault, known), secret):
        raise _invalid()
    if node is None:
        raise revoked(node_id)
    return node


def revoked(node_id: str) -> Refusal:
    """Make the refusal of a secret whose Node was deregistered."""
    detail = f"the secret key of Node {node_id} has been revoked; enrol the machine again"
    return Refusal(reasons.NSK_REVOKED, detail)


def unwrap(vault: Vault, node: Row) -> bytes:
    """Return a Node's secret (32 bytes)."""
    return vault.unwrap(node["domain_id"], label(node["id"]), node["nsk_wrapped"])


def _open(bearer: str) -> tuple[str, bytes]:
    envelope = _ENVELOPE.fullmatch(bearer)
    if envelope is None:
        raise _invalid()
    payload = base64.urlsafe_b64decode(envelope["payload"])
    return str(uuid.UUID(bytes=payload[:_NODE_ID_LENGTH])), payload[_NODE_ID_LENGTH:]


def _invalid() -> Refusal:
    return Refusal(
        reasons.NSK_INVALID, "the bearer is not a Node's secret key: nsk_<env>_<base64url of Node id and secret>"
    )
