"""A Node's requests: each one that is authenticated counts as contact, however it is answered."""

from plexctl.local.control.base import authorization, reasons
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.mesh import node_secret, states


def authenticate(control: Control, bearer: str) -> str:
    """Return the id of the Node whose secret the bearer contains, and record the contact.

    The contact is committed before the rule runs, so that no refusal undoes it.

    Raises: Refusal(nsk_invalid, nsk_revoked).
    """
    with control.read(None) as tx:
        node_id: str = node_secret.authenticate(tx, bearer)["id"]
    with control.write(None) as tx:
        _record(tx, node_id)
    return node_id


def authenticate_as(control: Control, bearer: str, node_id: str) -> None:
    """Authenticate a Node that may act on itself only, and record the contact.

    Raises: Refusal(node_id_mismatch), and those of `authenticate`.
    """
    if authenticate(control, bearer) != node_id:
        raise authorization.hidden_denial(
            reasons.NODE_ID_MISMATCH, f"the secret key belongs to another Node than {node_id}"
        )


def _record(tx: Transaction, node_id: str) -> None:
    node = tx.execute(
        "SELECT last_contact_at, recovered_at, stale_after, unreachable_after"
        " FROM nodes JOIN domains ON domains.id = domain_id WHERE nodes.id = ?",
        (node_id,),
    ).fetchone()
    if node is None:
        raise node_secret.revoked(node_id)
    was_healthy = states.state(states.policy(node), node["last_contact_at"], tx.now) == "healthy"
    tx.execute(
        "UPDATE nodes SET last_contact_at = ?, recovered_at = ? WHERE id = ?",
        (tx.now, node["recovered_at"] if was_healthy else tx.now, node_id),
    )
