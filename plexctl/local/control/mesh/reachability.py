"""Whether Nodes can be reached: healthy → stale → unreachable with the time since their last contact."""

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from plexctl import grammar
from plexctl.local.control.base.authorization import Principal
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import nodes
from plexctl.local.control.tenancy import domains

STATES = ("healthy", "stale", "unreachable")  # each worse than the one before


class Policy(NamedTuple):
    """How long after its last contact a Node becomes stale, then unreachable, in microseconds."""

    stale_after: int
    unreachable_after: int


def policy(domain: Mapping[str, Any] | sqlite3.Row) -> Policy:
    return Policy(*(grammar.duration(domain[name]) // 1000 for name in Policy._fields))


def state(limits: Policy, last_contact_at: int, now: int) -> str:
    silence = now - last_contact_at
    return STATES[(silence >= limits.stale_after) + (silence >= limits.unreachable_after)]


def read(control: Control, principal: Principal, node_id: str) -> dict[str, Any]:
    """Report a Node's state; a `viewer` of its Project may."""
    with control.store.read() as connection:
        try:
            node = nodes.find(connection, control, principal, "viewer", node_id)
        except Refusal as refusal:
            raise _own_code(refusal) from None
        limits = policy(domains.load(connection, node["domain_id"]))
    now_in = state(limits, node["last_contact_at"], control.sources.now())
    heartbeat_at = node["last_heartbeat_at"]
    return {
        "state": now_in,
        **({} if heartbeat_at is None else {"last_heartbeat_at": to_wire(heartbeat_at)}),
        "changed_at": to_wire(_changed_at(limits, node, now_in)),
    }


def _changed_at(limits: Policy, node: sqlite3.Row, now_in: str) -> int:
    """Derive the instant of the last transition; a Node is healthy from its registration or its recovery on."""
    changes: dict[str, int] = {
        "healthy": node["recovered_at"] or node["registered_at"],
        "stale": node["last_contact_at"] + limits.stale_after,
        "unreachable": node["last_contact_at"] + limits.unreachable_after,
    }
    return changes[now_in]


def _own_code(refusal: Refusal) -> Refusal:
    """Give a denial the code that the API has for this one operation."""
    if refusal.code != "permission_denied":
        return refusal
    return Refusal("insufficient_relation", refusal.detail, **refusal.extensions)
