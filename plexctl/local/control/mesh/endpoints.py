"""Endpoint reports: where a Node was seen from outside its network, and through what kind of NAT."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from plexctl.local.control.base import fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND, from_wire, to_wire
from plexctl.local.control.mesh import contact, node_secret, revisions

NAT_TYPES = ("full_cone", "restricted", "port_restricted", "symmetric", "unknown")
SYMMETRIC = "symmetric"  # the type that Peers cannot traverse
FRESH_SECONDS = 300
_FIELDS = ("endpoint", "nat_type", "reported_at")
_LARGEST_PORT = 65535


def report(control: Control, bearer: str | None, node_id: str, read_body: Callable[[], Body]) -> dict[str, Any]:
    """Record where the calling Node was seen.

    Raises: Refusal(unauthorized, malformed_endpoint_request, endpoint_unparseable, endpoint_clock_skew,
    endpoint_peer_not_found, endpoint_peer_gone), and those of `contact.authenticate_as`.
    """
    contact.authenticate_as(control, node_secret.required(bearer), node_id)
    body = read_body()
    with control.write(None) as tx:
        endpoint, nat_type = _read(body, tx.now)
        _check_peer(tx, node_id)
        tx.execute("UPDATE nodes SET endpoint = ?, endpoint_reported_at = ? WHERE id = ?", (endpoint, tx.now, node_id))
        revisions.record_nat(tx, node_id, behind_nat=nat_type == SYMMETRIC)
    stale_at = tx.now + FRESH_SECONDS * MICROSECONDS_PER_SECOND
    return {"accepted_at": to_wire(tx.now), "stale_after": to_wire(stale_at)}


def _check_peer(tx: Transaction, node_id: str) -> None:
    if tx.execute("SELECT 1 FROM peers WHERE node_id = ?", (node_id,)).fetchone():
        return
    if tx.execute("SELECT 1 FROM nodes WHERE id = ?", (node_id,)).fetchone():
        detail = f"Node {node_id} is not anchored in the mesh yet; try again soon"
        raise Refusal(reasons.ENDPOINT_PEER_NOT_FOUND, detail)
    raise Refusal(reasons.ENDPOINT_PEER_GONE, f"Node {node_id} has been deregistered meanwhile")


def _read(body: Body, now: int) -> tuple[str, str]:
    """Check a report in the order of its codes: malformed, clock, endpoint."""
    fields.check_known(body, _FIELDS, reasons.MALFORMED_ENDPOINT_REQUEST)
    endpoint, nat_type = body.get("endpoint"), body.get("nat_type")
    if not isinstance(endpoint, str):
        raise _malformed("endpoint is not text")
    if nat_type not in NAT_TYPES:
        raise _malformed(f"nat_type is not one of {', '.join(NAT_TYPES)}")
    _check_clock(body.get("reported_at"), now)
    return _canonical(endpoint), str(nat_type)


def _check_clock(reported_at: object, now: int) -> None:
    try:
        skew_us = abs(from_wire(reported_at if isinstance(reported_at, str) else "") - now)
    except ValueError as error:
        raise _malformed(f"reported_at {error}") from None
    if skew_us > limits.CLOCK_SKEW_SECONDS.most * MICROSECONDS_PER_SECOND:
        detail = f"reported_at is more than {limits.CLOCK_SKEW_SECONDS.most} s away from the plane's {to_wire(now)}"
        raise Refusal(reasons.ENDPOINT_CLOCK_SKEW, detail)


def _canonical(endpoint: str) -> str:
    """Read IP:port, an IPv6 address in brackets, and return it in its standard spelling."""
    host, colon, port = endpoint.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = ip_address(host[1:-1] if is_bracketed else host)
    except ValueError:
        raise _unparseable(endpoint, "is not IP:port, with an IPv6 address in brackets") from None
    if is_bracketed != isinstance(address, IPv6Address) or not colon or "%" in host:
        raise _unparseable(endpoint, "is not IP:port, with an IPv6 address in brackets")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= _LARGEST_PORT):
        raise _unparseable(endpoint, f"has no port from 1 to {_LARGEST_PORT}")
    _check_reachable(endpoint, address)
    return f"[{address}]:{int(port)}" if is_bracketed else f"{address}:{int(port)}"


def _check_reachable(endpoint: str, address: IPv4Address | IPv6Address) -> None:
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    if plain.is_loopback or plain.is_link_local or plain.is_unspecified:
        raise _unparseable(endpoint, "has a loopback, link-local or unspecified address")


def _unparseable(endpoint: str, complaint: str) -> Refusal:
    return Refusal(reasons.ENDPOINT_UNPARSEABLE, f"endpoint {endpoint[: fields.ECHOED]!r} {complaint}")


def _malformed(detail: str) -> Refusal:
    return Refusal(reasons.MALFORMED_ENDPOINT_REQUEST, detail)
