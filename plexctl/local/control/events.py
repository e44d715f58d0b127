"""What Nodes are told: each event goes once to every Node that it concerns when it is delivered."""

import json
import sqlite3

from plexctl.local.control.context import Control

_RECIPIENTS = {
    "rotate_keys": "SELECT :node_id",
    "peer_key_rotated": "SELECT other.node_id FROM peers JOIN peers AS other ON other.domain_id = peers.domain_id"
    " WHERE peers.node_id = :node_id AND other.node_id <> :node_id",
    "signing_key_rotated": "SELECT id FROM nodes WHERE :scope IN ('platform', 'domain:' || domain_id)",
}


def tell(connection: sqlite3.Connection, control: Control, event: sqlite3.Row) -> None:
    """Deliver an outbox row to its recipients, in the transaction that marks the row as delivered."""
    recipients = connection.execute(_RECIPIENTS[event["kind"]], json.loads(event["payload"])).fetchall()
    connection.executemany(
        "INSERT INTO node_events (node_id, outbox_id, kind, payload, delivered_at) VALUES (?, ?, ?, ?, ?)",
        [(node_id, event["id"], event["kind"], event["payload"], control.sources.now()) for (node_id,) in recipients],
    )
