"""Enrolment: how a machine with a bootstrap token becomes a Node."""

import base64
from collections.abc import Mapping
from typing import Any

from msgspec import Raw

from plexctl.local.control.base import reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.pending import PendingResponse
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.enrolment import redemption, registration_body
from plexctl.local.control.enrolment.registration_body import Registration
from plexctl.local.control.mesh import node_secret, revisions
from plexctl.local.control.mesh.deliveries import NodeRegistered
from plexctl.local.control.signing import keys
from plexctl.local.control.tenancy import addresses, domains, projects, resources
from plexctl.local.store import Row

REDEEMED_KIND = "node"  # the kind of token that registers here
RESOURCE_KIND = "vm"  # the kind of a Resource that a registration creates
SECRET_LENGTH = 32  # bytes


def register(control: Control, body: Body, response: PendingResponse | None) -> dict[str, object]:
    """Redeem a token for a place in the mesh; a refusal leaves the token unused.

    The checks come in this order: the key, the other fields, the token's form, the token's state, the Resource, the
    address.

    Raises: Refusal(resource_not_found, resource_in_use), and those of `registration_body.read`, `redemption` and
    `addresses.allocate`.
    """
    request = registration_body.read(body)
    token_id = redemption.find_token(control, request.token, REDEEMED_KIND, request.project_id)
    with control.write(None, response) as tx:
        redemption.consume(tx, token_id, request.nonce)
        return _enrol(tx, request, token_id, control.settings.anchor_delay_us)


def _enrol(tx: Transaction, request: Registration, token_id: str, anchor_delay_us: int) -> dict[str, object]:
    """Create the Node of a consumed token and return the answer."""
    project = projects.existing(tx, request.project_id)
    domain = domains.existing(tx, project["domain_id"])
    peers = _peer_snapshot(tx, domain["id"])
    secret = tx.vault.random_bytes(SECRET_LENGTH)
    machine = {"resource_id": _resource(tx, request), "token_id": token_id, "public_key": request.public_key}
    node = machine | _identity(tx, domain, project, secret)
    _insert(tx, node)
    tx.promise(NodeRegistered(node["id"]), anchor_delay_us)
    return {
        "node_id": node["id"],
        "mesh_ip": node["mesh_ip"],
        "nsk": base64.b64encode(secret).decode(),
        **_signing_key(keys.current_key(tx, f"domain:{domain['id']}")),
        "peer_snapshot": peers,
        "domain_mesh_cidr": domain["mesh_cidr"],
    }


def _signing_key(key: Row) -> dict[str, str]:
    """Return the name and the public half of the key that signs the Domain's events."""
    return {
        "signing_public_key": base64.b64encode(key["public_key"]).decode(),
        "signing_key_id": keys.full_id(key["scope"], key["key_id"]),
    }


def _identity(tx: Transaction, domain: Mapping[str, Any], project: Mapping[str, Any], secret: bytes) -> dict[str, Any]:
    """Return the columns of a new Node: its id, its address and its wrapped secret."""
    node_id = tx.new_id()
    address = addresses.allocate(tx, domain, project)
    return {
        "id": node_id,
        "domain_id": domain["id"],
        "project_id": project["id"],
        "mesh_ip": str(address),
        "mesh_ip_number": int(address).to_bytes(16),
        "nsk_wrapped": tx.vault.wrap(domain["id"], node_secret.label(node_id), secret),
        "pulled_revision": revisions.current(tx, domain["id"]),
        "now": tx.now,
    }


def _resource(tx: Transaction, request: Registration) -> str:
    """Find the Resource that the Node binds to, or create it if the request asks for that."""
    row = tx.execute(
        "SELECT resources.id, nodes.id AS node_id FROM resources LEFT JOIN nodes ON resource_id = resources.id"
        " WHERE (resources.project_id, external_ref) = (?, ?)",
        (request.project_id, request.handle),
    ).fetchone()
    if row is None:
        return _adopt(tx, request)
    if row["node_id"] is not None:
        raise Refusal(
            reasons.RESOURCE_IN_USE,
            f"Resource {request.handle!r} of Project {request.project_id} has a Node already; register another handle",
        )
    return str(row["id"])


def _adopt(tx: Transaction, request: Registration) -> str:
    if not request.requested_id:
        raise Refusal(
            reasons.RESOURCE_NOT_FOUND,
            f"Project {request.project_id} has no Resource {request.handle!r}; send requested_resource_id to create it",
        )
    requested_id = None if request.requested_id == request.handle else request.requested_id
    return resources.insert(tx, request.project_id, RESOURCE_KIND, request.handle, requested_id)


def _peer_snapshot(tx: Transaction, domain_id: str) -> Raw:
    """List every Node that the Domain has already, anchored or not.

    The database joins the list: made here it would take longer than the rest of a registration among 1,000 Nodes.
    """
    ((peers,),) = tx.execute(
        "SELECT coalesce(group_concat(as_peer), '')"
        " FROM (SELECT as_peer FROM nodes WHERE domain_id = ? ORDER BY mesh_ip_number)",
        (domain_id,),
    )
    return Raw(f"[{peers}]".encode())


def _insert(tx: Transaction, node: Mapping[str, Any]) -> None:
    tx.execute(
        "INSERT INTO nodes (id, domain_id, project_id, resource_id, token_id, public_key, mesh_ip, mesh_ip_number,"
        " nsk_wrapped, events_after, pulled_revision, registered_at, last_contact_at)"
        " VALUES (:id, :domain_id, :project_id, :resource_id, :token_id, :public_key, :mesh_ip, :mesh_ip_number,"
        " :nsk_wrapped,"
        " (SELECT coalesce(max(sequence), 0) FROM node_events), :pulled_revision, :now, :now)",
        node,
    )
