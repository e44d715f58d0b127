"""The reachability of Nodes: healthy → stale → unreachable by the time since their last contact."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from plexctl import grammar
from plexctl.local.control.base import reasons
from plexctl.local.control.base.relations import VIEWER, Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import nodes
from plexctl.local.control.tenancy import domains
from plexctl.local.store import Row

STATES = ("healthy", "stale", "unreachable")  # each worse than the one before


class Policy(NamedTuple):
    """How long after its last contact a Node becomes stale, then unreachable, in microseconds."""

    stale_after_us: int
    unreachable_after_us: int


def policy(domain: Mapping[str, Any] | Row) -> Policy:
    """Read the policy from a row with the Domain's durations."""
    return Policy(*(grammar.duration(domain[column]) // 1000 for column in ("stale_after", "unreachable_after")))


def state(limits: Policy, last_contact_at: int, now: int) -> str:
    """Return a Node's state; both instants are Unix microseconds."""
    silence_us = now - last_contact_at
    return STATES[(silence_us >= limits.stale_after_us) + (silence_us >= limits.unreachable_after_us)]


def read(control: Control, caller: Principal, node_id: str) -> dict[str, Any]:
    """Report a Node's state to a viewer of its Project.

    Raises: Refusal(insufficient_relation, node_not_found).
    """
    with control.read(caller) as tx:
        node = nodes.find(tx, caller, VIEWER, node_id, reasons.INSUFFICIENT_RELATION)
        limits = policy(domains.existing(tx, node["domain_id"]))
    now_in = state(limits, node["last_contact_at"], tx.now)
    heartbeat_at = node["last_heartbeat_at"]
    return {
        "state": now_in,
        **({} if heartbeat_at is None else {"last_heartbeat_at": to_wire(heartbeat_at)}),
        "changed_at": to_wire(_changed_at(limits, node, now_in)),
    }


def _changed_at(limits: Policy, node: Row, now_in: str) -> int:
    """Derive the instant of the last transition; a Node is healthy from its registration or its recovery on."""
    changes: dict[str, int] = {
        "healthy": node["recovered_at"] or node["registered_at"],
        "stale": node["last_contact_at"] + limits.stale_after_us,
        "unreachable": node["last_contact_at"] + limits.unreachable_after_us,
    }
    return changes[now_in]
