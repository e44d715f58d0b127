"""The removal of a Resource, with its Node."""

from plexctl.local.control.base.pending import PendingResponse
from plexctl.local.control.base.relations import ADMIN, Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.mesh import deregistration
from plexctl.local.control.tenancy import resources


def delete(control: Control, caller: Principal, resource_id: str, response: PendingResponse | None) -> None:
    """Delete a Resource and deregister its Node, if it has one, in one transaction.

    Raises: Refusal(permission_denied, resource_not_found).
    """
    with control.write(caller, response) as tx:
        resource = resources.find(tx, caller, ADMIN, resource_id)
        node = tx.execute("SELECT * FROM nodes WHERE resource_id = ?", (resource["id"],)).fetchone()
        if node is not None:
            deregistration.deregister(tx, node)
        tx.execute("DELETE FROM bridge_relays WHERE resource_id = ?", (resource["id"],))
        tx.execute("DELETE FROM resources WHERE id = ?", (resource["id"],))
