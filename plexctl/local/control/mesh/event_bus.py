"""The signed event bus: the events that concern a Node, in their order, from a position on."""

import re
from typing import NamedTuple

from plexctl.local.control.base import fields, reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import VIEWER, Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.mesh import contact, envelopes, nodes, reachability

MOST_AT_ONCE = 100
_SEQUENCE = re.compile(r"[0-9]{1,18}")


class SignedEvent(NamedTuple):
    """An event as a Node reads it: its number in the stream, its type, and its envelope as JSON."""

    sequence: int
    kind: str
    envelope: str


def subscribe(
    control: Control, caller: Principal | None, bearer: str | None, node_id: str, last_event_id: str | None
) -> int:
    """Check who follows a Node's events, and return the position to start after.

    Raises: Refusal(insufficient_relation, node_not_found, nsk_invalid, signed_event_bus_not_provisioned,
    invalid_last_event_id), and those of `contact.authenticate_as`.
    """
    if caller is None:
        contact.authenticate_as(control, reachability.required(bearer), node_id)
    with control.read(caller) as tx:
        if caller is not None:
            nodes.find(tx, caller, VIEWER, node_id, reasons.INSUFFICIENT_RELATION)
        ((newest,),) = tx.execute("SELECT coalesce(max(sequence), 0) FROM node_events")
    if not control.settings.events:
        detail = "this plane has no event bus; start it with --events"
        raise Refusal(reasons.SIGNED_EVENT_BUS_NOT_PROVISIONED, detail)
    if not last_event_id:
        return int(newest)
    if not _SEQUENCE.fullmatch(last_event_id):
        detail = f"Last-Event-ID {last_event_id[: fields.ECHOED]!r} is not the id of an event"
        raise Refusal(reasons.INVALID_LAST_EVENT_ID, detail)
    return int(last_event_id)


def read(control: Control, node_id: str, after: int) -> list[SignedEvent] | None:
    """Return the next events of a Node, MOST_AT_ONCE at most, or None once the Node is deregistered."""
    with control.read(None) as tx:
        node = tx.execute("SELECT domain_id, events_after FROM nodes WHERE id = ?", (node_id,)).fetchone()
        if node is None:
            return None
        rows = tx.execute(
            "SELECT * FROM node_events WHERE audience IN (?, ?, 'platform') AND except_node_id IS NOT ?"
            " AND sequence > ? ORDER BY sequence LIMIT ?",
            (
                f"node:{node_id}",
                f"domain:{node['domain_id']}",
                node_id,
                max(after, node["events_after"]),
                MOST_AT_ONCE,
            ),
        ).fetchall()
        return [SignedEvent(row["sequence"], row["kind"], envelopes.seal(tx, row)) for row in rows]
