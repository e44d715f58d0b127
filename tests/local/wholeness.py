"""What holds of a plane's database whenever it is opened, whatever ended the plane before."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from plexctl.local.control.mesh import node_secret
from plexctl.local.vault import Vault, open_root_key

# What must not be → a query that finds it.
BROKEN = {
    "a row whose parent is missing": "PRAGMA foreign_key_check",
    "a consumed token without a Node, or a Node without a consumed token": """
        SELECT * FROM bootstrap_tokens AS token LEFT JOIN nodes ON token_id = token.id
        WHERE (consumed_at IS NULL) <> (nodes.id IS NULL)
        AND token.id NOT IN (SELECT token_id FROM deregistered_nodes)""",
    "a Resource without a Node": "SELECT * FROM resources WHERE id NOT IN (SELECT resource_id FROM nodes)",
    "an address that two Nodes have": "SELECT mesh_ip FROM nodes GROUP BY domain_id, mesh_ip HAVING count(*) > 1",
    "a Node whose registration was promised to nobody, or twice": """
        SELECT nodes.id FROM nodes LEFT JOIN outbox ON kind = 'node_registered' AND payload ->> 'node_id' = nodes.id
        GROUP BY nodes.id HAVING count(outbox.id) <> 1""",
    "a Project without its Domain's grants": """
        SELECT projects.id FROM projects WHERE
        (SELECT count(*) FROM grants WHERE (object_kind, object_id) = ('project', projects.id)) <>
        (SELECT count(*) FROM grants WHERE (object_kind, object_id) = ('domain', domain_id))""",
    "a Domain without a signing key": """
        SELECT id FROM domains WHERE (SELECT count(*) FROM signing_keys
        WHERE scope = 'domain:' || domains.id AND state = 'active') <> 1""",
    "a Node whose key is not that of its last rotation": """
        SELECT nodes.id FROM nodes JOIN mesh_key_rotations AS last ON last.node_id = nodes.id AND last.sequence =
        (SELECT max(sequence) FROM mesh_key_rotations WHERE node_id = nodes.id AND completed_at IS NOT NULL)
        WHERE new_public_key <> public_key""",
}
# The same, once the outbox is empty.
UNFINISHED = {
    "an event that is not delivered": "SELECT * FROM outbox WHERE delivered_at IS NULL",
    "a Node that is not anchored": "SELECT id FROM nodes WHERE id NOT IN (SELECT node_id FROM peers)",
    "a Peer that has no PSK, or two": """
        SELECT peers.node_id FROM peers LEFT JOIN psks ON psks.node_id = peers.node_id AND retired_at IS NULL
        GROUP BY peers.node_id HAVING count(psks.kid) <> 1""",
    "a rotation that its Node has not heard of": """
        SELECT id FROM mesh_key_rotations AS rotation WHERE NOT EXISTS (SELECT 1 FROM node_events
        WHERE (audience, kind) = ('node:' || rotation.node_id, 'rotate_keys')
        AND payload ->> 'rotation_id' = rotation.id)""",
}


def find_broken(directory: Path, *, is_settled: bool) -> dict[str, object]:
    """Return what of all this is not so; `is_settled` says that the outbox is empty."""
    with closing(sqlite3.connect(directory / "plane.db")) as connection:
        queries = BROKEN | (UNFINISHED if is_settled else {})
        found: dict[str, object] = {what: connection.execute(query).fetchall() for what, query in queries.items()}
        found["integrity"] = [row for row in connection.execute("PRAGMA integrity_check") if row != ("ok",)]
        found["a Node's secret"] = list(_unreadable(connection, Vault(open_root_key(directory / "root.key"))))
    return {what: rows for what, rows in found.items() if rows}


def _unreadable(connection: sqlite3.Connection, vault: Vault) -> Iterator[str]:
    for node_id, domain_id, wrapped in connection.execute("SELECT id, domain_id, nsk_wrapped FROM nodes"):
        if len(vault.unwrap(domain_id, node_secret.label(node_id), wrapped)) != 32:
            yield node_id
