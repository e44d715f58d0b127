"""Revisions: whether a Node's snapshot has changed since its last pull, without a look at every Peer.

A revision names what the snapshots of a Domain's Nodes are made of, apart from their own reports and reachability: how
often the mesh has changed, and the relay, which depends on the time since its last contact.
"""

from plexctl.local.control.base.transaction import Transaction
from plexctl.local.control.mesh import relays
from plexctl.local.control.tenancy import domains

OUTDATED = ""


def current(tx: Transaction, domain_id: str) -> str:
    """Return the revision of a Domain's snapshots; the relay counts while some Node needs one."""
    domain = domains.existing(tx, domain_id)
    needed = tx.execute("SELECT 1 FROM nodes WHERE domain_id = ? AND behind_nat", (domain_id,)).fetchone()
    relay = relays.current(tx, domain) if needed else None
    return f"{domain['mesh_revision']} {relay.fallback_endpoint if relay else '-'}"


def advance(tx: Transaction, domain_id: str, unaffected_node_id: str | None = None) -> None:
    """Note that the snapshots of a Domain's Nodes have changed, except that of one Node, if one is named."""
    before = current(tx, domain_id)
    tx.execute("UPDATE domains SET mesh_revision = mesh_revision + 1 WHERE id = ?", (domain_id,))
    tx.execute(
        "UPDATE nodes SET pulled_revision = ? WHERE id = ? AND pulled_revision = ?",
        (current(tx, domain_id), unaffected_node_id, before),
    )


def outdate(tx: Transaction, node_id: str) -> None:
    """Note that one Node's snapshot has changed."""
    tx.execute("UPDATE nodes SET pulled_revision = ? WHERE id = ?", (OUTDATED, node_id))


def is_outdated(tx: Transaction, node_id: str) -> bool:
    """Tell whether a Node's snapshot has changed since its last pull, or else since its registration."""
    ((domain_id, pulled),) = tx.execute("SELECT domain_id, pulled_revision FROM nodes WHERE id = ?", (node_id,))
    return bool(pulled is not None and pulled != current(tx, domain_id))


def record_nat(tx: Transaction, node_id: str, *, behind_nat: bool) -> None:
    """Note whether a Node is behind a NAT that needs a relay, and what that changes for the Nodes of its Domain."""
    changed = tx.execute(
        "UPDATE nodes SET behind_nat = ? WHERE id = ? AND behind_nat <> ? RETURNING domain_id",
        (behind_nat, node_id, behind_nat),
    ).fetchone()
    if changed is not None and relays.current(tx, domains.existing(tx, changed["domain_id"])) is not None:
        advance(tx, changed["domain_id"])
