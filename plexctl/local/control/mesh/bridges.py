"""The relay of a bridge: whether it relays, and on which port."""

from typing import Any, NamedTuple

from plexctl.local.control.base import fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.pending import PendingResponse
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import ADMIN, VIEWER, Principal, Project
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import relays, revisions
from plexctl.local.control.mesh.snapshot_events import RELAY_CHANGED, NodeStateUpdated
from plexctl.local.store import Row

_FIELDS = ("enabled", "listen_port")


class Configuration(NamedTuple):
    """A relay's configuration."""

    enabled: bool
    listen_port: int


def get(control: Control, caller: Principal, project_id: str, resource_id: str) -> dict[str, Any]:
    """Return the configuration of a bridge's relay.

    Raises: Refusal(permission_denied, resource_not_found).
    """
    with control.read(caller) as tx:
        tx.require(VIEWER, Project(project_id))
        _load(tx, project_id, resource_id)
        relay = _find(tx, resource_id)
    if relay is None:
        raise Refusal(reasons.RESOURCE_NOT_FOUND, f"Resource {resource_id} has no relay; configure it by a PUT")
    return _document(relay)


def configure(
    control: Control,
    caller: Principal,
    project_id: str,
    resource_id: str,
    body: Body,
    response: PendingResponse | None,
) -> dict[str, Any]:
    """Replace the configuration of a bridge's relay and return it; the same one again changes nothing.

    Raises: Refusal(permission_denied, invalid_body, port_out_of_range, resource_not_found, resource_not_bridge,
    bridge_port_conflict).
    """
    with control.write(caller, response) as tx:
        tx.require(ADMIN, Project(project_id))
        wanted = _read(body)
        resource = _load(tx, project_id, resource_id)
        if resource["kind"] != relays.BRIDGE:
            detail = f"Resource {resource_id} is of kind {resource['kind']!r}; only a bridge relays"
            raise Refusal(reasons.RESOURCE_NOT_BRIDGE, detail)
        before = _find(tx, resource_id)
        if before is None or (bool(before["enabled"]), before["listen_port"]) != wanted:
            _replace(tx, resource_id, wanted)
        (relay,) = tx.execute("SELECT * FROM bridge_relays WHERE resource_id = ?", (resource_id,))
        return _document(relay)


def _replace(tx: Transaction, resource_id: str, wanted: Configuration) -> None:
    node = tx.execute("SELECT id, domain_id, endpoint FROM nodes WHERE resource_id = ?", (resource_id,)).fetchone()
    if node is not None and node["endpoint"] and int(node["endpoint"].rpartition(":")[2]) == wanted.listen_port:
        detail = f"the bridge's own WireGuard has port {wanted.listen_port}, as it reported; choose another"
        raise Refusal(reasons.BRIDGE_PORT_CONFLICT, detail)
    tx.execute(
        "INSERT INTO bridge_relays (resource_id, enabled, listen_port, created_at, updated_at)"
        " VALUES (:id, :enabled, :listen_port, :now, :now) ON CONFLICT (resource_id)"
        " DO UPDATE SET enabled = :enabled, listen_port = :listen_port, updated_at = :now",
        {"id": resource_id, "now": tx.now, **wanted._asdict()},
    )
    if node is not None:
        revisions.outdate(tx, node["id"])
        tx.promise(NodeStateUpdated(node["domain_id"], node["id"], RELAY_CHANGED))


def _load(tx: Transaction, project_id: str, resource_id: str) -> Row:
    row: Row | None = tx.execute(
        "SELECT * FROM resources WHERE project_id = ? AND id = ?", (project_id, resource_id)
    ).fetchone()
    if row is None:
        raise Refusal(reasons.RESOURCE_NOT_FOUND, f"Project {project_id} has no Resource {resource_id}")
    return row


def _find(tx: Transaction, resource_id: str) -> Row | None:
    row: Row | None = tx.execute("SELECT * FROM bridge_relays WHERE resource_id = ?", (resource_id,)).fetchone()
    return row


def _read(body: Body) -> Configuration:
    fields.check_known(body, _FIELDS, reasons.INVALID_BODY)
    enabled, port = body.get("enabled"), body.get("listen_port")
    if isinstance(port, float) and port.is_integer():
        port = int(port)
    if not isinstance(enabled, bool) or not isinstance(port, int) or isinstance(port, bool):
        raise Refusal(reasons.INVALID_BODY, "send enabled as true or false, and listen_port as an integer")
    if not limits.PORT.least <= port <= limits.PORT.most:
        detail = f"listen_port {port} is not from {limits.PORT.least} to {limits.PORT.most}"
        raise Refusal(reasons.PORT_OUT_OF_RANGE, detail)
    return Configuration(enabled, port)


def _document(relay: Row) -> dict[str, Any]:
    return {
        "resource_id": relay["resource_id"],
        "enabled": bool(relay["enabled"]),
        "listen_port": relay["listen_port"],
        "created_at": to_wire(relay["created_at"]),
        "updated_at": to_wire(relay["updated_at"]),
    }
