"""What the commands wait for: Peers, a Project that can be read, a rotation that the Node has completed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from plexctl.clients.plexsphere import peer_list
from plexctl.polling import wait_until
from plexctl.render.text import some

if TYPE_CHECKING:
    from plexctl import wire
    from plexctl.invocation import Invocation
    from plexctl.payload import Payload

_NANOSECOND = 1e-9
_MOST_NAMED = 10
NOT_ANCHORED = "not anchored"


class Wanted(NamedTuple):
    """Which Peers are waited for: Nodes by UUID, a number of any, or, with neither, every Node that has enrolled."""

    node_ids: Sequence[str]
    at_least: int | None
    is_healthy: bool

    @property
    def word(self) -> str:
        """The state waited for."""
        return "healthy" if self.is_healthy else "anchored"


class _Seen(NamedTuple):
    """The Peers, by id, and the names of the Nodes that are waited for, by id."""

    peers: "Mapping[str, Payload[wire.Peer]]"
    names: Mapping[str, str]


def until_peers(run: "Invocation", domain_id: str, wanted: Wanted, within_ns: int) -> "Payload[wire.PeerList]":
    """Wait for Peers, and return the list of those that were waited for.

    Raises: Failure(timeout) that names what is missing, and its state; Failure.
    """

    def look() -> _Seen:
        names = {node_id: node_id for node_id in wanted.node_ids}
        if not (wanted.node_ids or wanted.at_least):
            names = {node.id.lower(): node.name or node.id for node in run.api.each_node(domain_id)}
        return _Seen({peer.view.node_id.lower(): peer for peer in run.api.each_peer(domain_id)}, names)

    def missing(seen: _Seen) -> str:
        return _too_few(wanted, wanted.at_least, seen) if wanted.at_least else _not_yet(wanted, seen)

    seen = wait_until(run, look, missing, within_ns * _NANOSECOND)
    asked = seen.names.keys() or {node_id for node_id in seen.peers if _state(wanted, seen, node_id) is None}
    return peer_list(peer for node_id, peer in seen.peers.items() if node_id in asked)


def _state(wanted: Wanted, seen: _Seen, node_id: str) -> str | None:
    """Return the state of a Node that is not as it is wanted, or None."""
    peer = seen.peers.get(node_id)
    if peer is None:
        return NOT_ANCHORED
    return peer.view.reachability if wanted.is_healthy and peer.view.reachability != "healthy" else None


def _too_few(wanted: Wanted, count: int, seen: _Seen) -> str:
    states = Counter(_state(wanted, seen, node_id) for node_id in seen.peers)
    if states[None] >= count:
        return ""
    others = "".join(f", {number} {state}" for state, number in states.items() if state)
    return f"{states[None]} of {count} Peers are {wanted.word}{others}"


def _not_yet(wanted: Wanted, seen: _Seen) -> str:
    if not seen.names:
        return "no Node has enrolled in the Domain"
    states = ((name, _state(wanted, seen, node_id)) for node_id, name in seen.names.items())
    missing = [f"{name} is {state}" for name, state in states if state]
    if not missing:
        return ""
    return f"{len(missing)} of {len(seen.names)} Nodes are not {wanted.word}: {some(missing, _MOST_NAMED)}"


def until_readable(run: "Invocation", project_id: str, within_ns: int) -> "Payload[wire.Project]":
    """Wait until a Project that has been created can be read by its creator.

    Raises: Failure(timeout); Failure.
    """
    state = f"Project {project_id} is created, and the caller is not yet permitted to read it"
    found = wait_until(
        run,
        lambda: run.api.project_once_readable(project_id),
        lambda project: "" if project else state,
        within_ns * _NANOSECOND,
    )
    return cast("Payload[wire.Project]", found)


def until_rotated(run: "Invocation", rotation: "wire.KeyRotation", within_ns: int) -> None:
    """Wait until a Node has completed its key rotation, which its preview shows.

    Raises: Failure(timeout); Failure.
    """
    which = f"rotation {rotation.rotation_id}" if rotation.rotation_id else "the rotation"
    state = f"{which} of Node {rotation.node_id} is pending; the Node completes it after its next heartbeat"
    wait_until(
        run,
        lambda: run.api.preview_key_rotation(rotation.node_id),
        lambda preview: state if preview.view.already_pending else "",
        within_ns * _NANOSECOND,
    )
