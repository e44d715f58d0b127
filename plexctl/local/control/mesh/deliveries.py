"""What follows a change in the mesh: a registered Node becomes a Peer, and Nodes are told of what concerns them.

Each function takes one outbox row, in the transaction that marks that row as delivered.
"""

import json
import sqlite3

from plexctl.local.control.base.transaction import Control
from plexctl.local.control.mesh import psks

_RECIPIENTS = {
    "rotate_keys": "SELECT :node_id",
    "peer_key_rotated": "SELECT other.node_id FROM peers JOIN peers AS other ON other.domain_id = peers.domain_id"
    " WHERE peers.node_id = :node_id AND other.node_id <> :node_id",
    "signing_key_rotated": "SELECT id FROM nodes WHERE :scope IN ('platform', 'domain:' || domain_id)",
}


def anchor(connection: sqlite3.Connection, control: Control, row: sqlite3.Row) -> None:
    """Make a Node a Peer and issue its key with every Peer there is; a Node that is one already stays as it is."""
    node_id = json.loads(row["payload"])["node_id"]
    if connection.execute("SELECT 1 FROM peers WHERE node_id = ?", (node_id,)).fetchone():
        return
    domain_id = connection.execute("SELECT domain_id FROM nodes WHERE id = ?", (node_id,)).fetchone()[0]
    others = connection.execute("SELECT node_id FROM peers WHERE domain_id = ?", (domain_id,)).fetchall()
    connection.execute(
        "INSERT INTO peers (id, node_id, domain_id, anchored_at) VALUES (?, ?, ?, ?)",
        (control.sources.new_id(), node_id, domain_id, control.sources.now()),
    )
    for other in others:
        psks.issue(connection, control, domain_id, node_id, other["node_id"])


def deliver_event(connection: sqlite3.Connection, control: Control, row: sqlite3.Row) -> None:
    """Deliver an event to every Node that it concerns, once per Node."""
    recipients = connection.execute(_RECIPIENTS[row["kind"]], json.loads(row["payload"])).fetchall()
    connection.executemany(
        "INSERT INTO node_events (node_id, outbox_id, kind, payload, delivered_at) VALUES (?, ?, ?, ?, ?)",
        [(node_id, row["id"], row["kind"], row["payload"], control.sources.now()) for (node_id,) in recipients],
    )
