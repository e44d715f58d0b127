"""Pairwise pre-shared keys: one live key a pair of Peers, wrapped at rest under their Domain's key."""

import sqlite3

from plexctl.local.control.base.transaction import Control

KID = "psk-software-v1"
WRAP_KEY_VERSION = 1


def issue(connection: sqlite3.Connection, control: Control, domain_id: str, one: str, other: str) -> None:
    """Give a pair of Nodes its next key; the key before must be retired by then."""
    low, high = sorted((one, other))
    generation = (
        1
        + connection.execute(
            "SELECT coalesce(max(generation), 0) FROM psks WHERE low_node_id = ? AND high_node_id = ?", (low, high)
        ).fetchone()[0]
    )
    wrapped = control.vault.wrap(domain_id, f"psk:{low}:{high}:{generation}", control.sources.random_bytes(32))
    connection.execute(
        "INSERT INTO psks (low_node_id, high_node_id, generation, kid, wrap_key_version, wrapped, issued_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (low, high, generation, KID, WRAP_KEY_VERSION, wrapped, control.sources.now()),
    )


def reissue(connection: sqlite3.Connection, control: Control, domain_id: str, node_id: str) -> None:
    """Retire every live key of a Node and give each of its pairs a fresh one."""
    edges = live(connection, node_id)
    connection.execute(
        "UPDATE psks SET retired_at = ? WHERE ? IN (low_node_id, high_node_id) AND retired_at IS NULL",
        (control.sources.now(), node_id),
    )
    for edge in edges:
        issue(connection, control, domain_id, node_id, edge["peer_node_id"])


def live(connection: sqlite3.Connection, node_id: str) -> list[sqlite3.Row]:
    """Return the keys in force on a Node's edges (peer_node_id, kid, wrap_key_version), by the peer's mesh IP."""
    return connection.execute(
        "SELECT nodes.id AS peer_node_id, kid, wrap_key_version FROM psks"
        " JOIN nodes ON nodes.id IN (low_node_id, high_node_id) AND nodes.id <> :node_id"
        " WHERE (low_node_id = :node_id OR high_node_id = :node_id) AND retired_at IS NULL"
        " ORDER BY mesh_ip_number",
        {"node_id": node_id},
    ).fetchall()
