"""How a registered Node becomes a Peer: a member of its Domain's mesh, with a key on every edge."""

import sqlite3

from plexctl.local.control import psks
from plexctl.local.control.context import Control


def anchor(connection: sqlite3.Connection, control: Control, node_id: str) -> None:
    """Make the Node a Peer and issue its key with every Peer there is; a Node that is one already stays as it is."""
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
