"""Enrolment: how a machine with a bootstrap token becomes a Node."""

import base64
import sqlite3
from collections.abc import Mapping
from typing import Any

from plexctl.local.control.base import outbox
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.enrolment import redemption, registration_body
from plexctl.local.control.enrolment.registration_body import Registration
from plexctl.local.control.mesh import node_secret
from plexctl.local.control.signing import keys
from plexctl.local.control.tenancy import addresses, domains, projects

KIND = "node"  # a bridge's token does not open this door
ENVIRONMENT = "dev"  # the plane's own, in the names of its signing keys
SECRET_LENGTH = 32


def register(control: Control, body: Body) -> dict[str, object]:
    """Redeem a token for a place in the mesh; whatever is refused leaves the token as it was.

    The refusals come in this order: the key, the other fields, the token's form, the token's state, the Resource,
    the address.
    """
    request = registration_body.read(body)
    token_id = redemption.recognise(control, request.token, KIND, request.project_id)
    secret = control.sources.random_bytes(SECRET_LENGTH)
    with control.store.write() as connection:
        redemption.consume(connection, control, token_id, request.nonce)
        project = projects.load(connection, request.project_id)
        domain = domains.load(connection, project["domain_id"])
        resource_id = _resource(connection, control, request)
        peers = _peer_snapshot(connection, domain["id"])
        node = _identity(connection, control, domain, project, secret) | {
            "resource_id": resource_id,
            "token_id": token_id,
            "public_key": request.public_key,
        }
        _insert(connection, control, node)
        key = keys.current_key(connection, control, f"domain:{domain['id']}")
    return {
        "node_id": node["id"],
        "mesh_ip": node["mesh_ip"],
        "nsk": base64.b64encode(secret).decode(),
        **_signing_key(key),
        "peer_snapshot": peers,
        "domain_mesh_cidr": domain["mesh_cidr"],
    }


def _signing_key(key: sqlite3.Row) -> dict[str, str]:
    """Name and give the key that the Node verifies the Domain's events with."""
    return {
        "signing_public_key": base64.b64encode(key["public_key"]).decode(),
        "signing_key_id": f"did:plexsphere:domain/{ENVIRONMENT}#{key['key_id']}",
    }


def _identity(
    connection: sqlite3.Connection,
    control: Control,
    domain: Mapping[str, Any],
    project: Mapping[str, Any],
    secret: bytes,
) -> dict[str, Any]:
    """Give the Node its id, its address and its wrapped secret, as columns."""
    node_id = control.sources.new_id()
    address = addresses.allocate(connection, domain, project)
    return {
        "id": node_id,
        "domain_id": domain["id"],
        "project_id": project["id"],
        "kind": KIND,
        "mesh_ip": str(address),
        "mesh_ip_number": int(address).to_bytes(16),
        "nsk_wrapped": control.vault.wrap(domain["id"], node_secret.label(node_id), secret),
        "now": control.sources.now(),
    }


def _resource(connection: sqlite3.Connection, control: Control, request: Registration) -> str:
    """Find the Resource that the Node binds to, or adopt the machine as a new one if that was asked for."""
    row = connection.execute(
        "SELECT id FROM resources WHERE (project_id, handle) = (?, ?)", (request.project_id, request.handle)
    ).fetchone()
    if row is not None:
        return str(row["id"])
    if not request.adopts:
        raise Refusal(
            "resource_not_found",
            f"Project {request.project_id} has no Resource {request.handle!r}; send requested_resource_id to create it",
        )
    resource_id = control.sources.new_id()
    connection.execute(
        "INSERT INTO resources (id, project_id, handle, kind, created_at) VALUES (?, ?, ?, ?, ?)",
        (resource_id, request.project_id, request.handle, KIND, control.sources.now()),
    )
    return resource_id


def _peer_snapshot(connection: sqlite3.Connection, domain_id: str) -> list[dict[str, str]]:
    """Describe the Nodes that are there already, anchored or not."""
    rows = connection.execute(
        "SELECT id, mesh_ip, public_key FROM nodes WHERE domain_id = ? ORDER BY mesh_ip_number", (domain_id,)
    )
    return [
        {"node_id": row["id"], "mesh_ip": row["mesh_ip"], "public_key": base64.b64encode(row["public_key"]).decode()}
        for row in rows
    ]


def _insert(connection: sqlite3.Connection, control: Control, node: Mapping[str, Any]) -> None:
    """Add the Node and promise its anchoring in the mesh."""
    connection.execute(
        "INSERT INTO nodes (id, domain_id, project_id, resource_id, token_id, kind, public_key, mesh_ip,"
        " mesh_ip_number, nsk_wrapped, registered_at, last_contact_at) VALUES (:id, :domain_id, :project_id,"
        " :resource_id, :token_id, :kind, :public_key, :mesh_ip, :mesh_ip_number, :nsk_wrapped, :now, :now)",
        node,
    )
    due_at = node["now"] + control.settings.anchor_delay
    outbox.append(connection, control, "node_registered", {"node_id": node["id"]}, due_at)
