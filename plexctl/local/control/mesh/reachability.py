"""The reachability of one Node: its state, and since when."""

from typing import Any

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import VIEWER, Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import contact, nodes, states
from plexctl.local.control.mesh.states import Policy
from plexctl.local.control.tenancy import domains
from plexctl.local.store import Row


def read(control: Control, caller: Principal | None, bearer: str | None, node_id: str) -> dict[str, Any]:
    """Report a Node's state to a viewer of its Project, or to the Node itself if the caller is no operator.

    Raises: Refusal(insufficient_relation, node_not_found, nsk_invalid), and those of `contact.authenticate_as`.
    """
    if caller is None:
        return _read_own(control, bearer, node_id)
    with control.read(caller) as tx:
        node = nodes.find(tx, caller, VIEWER, node_id, reasons.INSUFFICIENT_RELATION)
        limits = states.policy(domains.existing(tx, node["domain_id"]))
    return document(limits, node, tx.now)


def _read_own(control: Control, bearer: str | None, node_id: str) -> dict[str, Any]:
    contact.authenticate_as(control, required(bearer), node_id)
    with control.read(None) as tx:
        node = nodes.itself(tx, node_id, reasons.NODE_NOT_FOUND)
        limits = states.policy(domains.existing(tx, node["domain_id"]))
    return document(limits, node, tx.now)


def required(bearer: str | None) -> str:
    """Return the bearer of a request that an operator or the Node itself may make.

    Raises: Refusal(nsk_invalid).
    """
    if bearer is None:
        detail = "send an operator's token or the Node's secret key in the Authorization header"
        raise Refusal(reasons.NSK_INVALID, detail)
    return bearer


def document(limits: Policy, node: Row, now: int) -> dict[str, Any]:
    """Describe the reachability of a Node; `now` is in Unix microseconds."""
    state = states.state(limits, node["last_contact_at"], now)
    heartbeat_at = node["last_heartbeat_at"]
    return {
        "state": state,
        **({} if heartbeat_at is None else {"last_heartbeat_at": to_wire(heartbeat_at)}),
        "changed_at": to_wire(_changed_at(limits, node, state)),
    }


def _changed_at(limits: Policy, node: Row, state: str) -> int:
    """Derive the instant of the last transition; a Node is healthy from its registration or its recovery on."""
    changes: dict[str, int] = {
        "healthy": node["recovered_at"] or node["registered_at"],
        "stale": node["last_contact_at"] + limits.stale_after_us,
        "unreachable": node["last_contact_at"] + limits.unreachable_after_us,
    }
    return changes[state]
