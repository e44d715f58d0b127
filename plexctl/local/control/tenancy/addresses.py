"""Mesh addresses: which ones a range offers, and which of them goes to a Node."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Transaction

Span = tuple[int, int]  # the first and the last number, both included
SMALLEST_WITH_BROADCAST = 4  # addresses: RFC 3021 and RFC 6164 give both of a pair to hosts


def overlap(one: str, other: str) -> bool:
    """Tell whether two CIDR blocks share an address."""
    return ip_network(one).overlaps(ip_network(other))


def contains(outer: str, inner: str) -> bool:
    """Tell whether a CIDR block contains another block, or an address."""
    container, content = ip_network(outer), ip_network(inner)
    return container.version == content.version and _within(_span(inner), _span(outer))


def offers(cidr: str, address: str) -> bool:
    """Tell whether a Node may have this address in that range."""
    number = int(ip_address(address))
    same_version = ip_network(cidr).version == ip_address(address).version
    return same_version and _within((number, number), _usable(cidr))


def can_hold_a_node(pool: str, sub_range: str) -> bool:
    """Tell whether a sub-range of a Domain's pool has an address that a Node may get."""
    first, last = _usable_of(pool, sub_range)
    return first <= last


def allocate(tx: Transaction, domain: Mapping[str, Any], project: Mapping[str, Any]) -> IPv4Address | IPv6Address:
    """Find the lowest free address for a Node of the Project.

    A Project with a sub-range takes addresses from it only, and no other Project does.

    Raises: Refusal(subrange_exhausted, pool_exhausted).
    """
    pool = domain["mesh_cidr"]
    span = _usable(pool) if project["sub_range"] is None else _usable_of(pool, project["sub_range"])
    number = lowest_free(span, _reserved(tx, domain, project), partial(_count, tx, domain))
    if number is None:
        raise _exhausted(pool, project)
    network = ip_network(pool)
    return network[number - int(network[0])]


def lowest_free(span: Span, reserved: Iterable[Span], taken: Callable[[int, int], int]) -> int | None:
    """Return the lowest number of the span that is not taken and in no reserved span.

    `taken` counts the taken numbers from its first argument to its last, both included.
    """
    candidate, last = span
    for start, end in sorted(reserved):
        if (free := _first_gap(candidate, min(start - 1, last), taken)) is not None:
            return free
        candidate = max(candidate, end + 1)
    return _first_gap(candidate, last, taken)


def _first_gap(first: int, last: int, taken: Callable[[int, int], int]) -> int | None:
    """Find the lowest number from first to last that is not taken, by halving, as long ranges are full."""
    if first > last:
        return None
    candidates = range(first, min(last, first + taken(first, last)) + 1)

    def is_after_gap(number: int) -> bool:
        return taken(first, number) <= number - first

    index = bisect_left(candidates, True, key=is_after_gap)
    return candidates[index] if index < len(candidates) else None


def _count(tx: Transaction, domain: Mapping[str, Any], first: int, last: int) -> int:
    ((count,),) = tx.execute(
        "SELECT count(*) FROM nodes WHERE domain_id = ? AND mesh_ip_number BETWEEN ? AND ?",
        (domain["id"], first.to_bytes(16), last.to_bytes(16)),
    )
    return int(count)


def _reserved(tx: Transaction, domain: Mapping[str, Any], project: Mapping[str, Any]) -> Iterable[Span]:
    rows = tx.execute(
        "SELECT sub_range FROM projects WHERE domain_id = ? AND id <> ? AND sub_range IS NOT NULL",
        (domain["id"], project["id"]),
    )
    return [_span(sub_range) for (sub_range,) in rows]


def _exhausted(pool: str, project: Mapping[str, Any]) -> Refusal:
    if project["sub_range"] is None:
        return Refusal(reasons.POOL_EXHAUSTED, f"every address of the Domain's pool {pool} is in use or reserved")
    return Refusal(
        reasons.SUBRANGE_EXHAUSTED,
        f"every address of sub-range {project['sub_range']} of Project {project['id']} is in use",
    )


def _span(cidr: str) -> Span:
    network = ip_network(cidr)
    return int(network[0]), int(network[-1])


def _usable(cidr: str) -> Span:
    """Leave out a pool's network address and, in IPv4, its broadcast address."""
    network = ip_network(cidr)
    first, last = _span(cidr)
    if network.num_addresses < SMALLEST_WITH_BROADCAST:
        return first, last
    return first + 1, last - (network.version == 4)


def _usable_of(pool: str, sub_range: str) -> Span:
    """Return what a sub-range has of its pool's usable addresses; the span is empty if its first exceeds its last."""
    (first, last), (lower, upper) = _usable(pool), _span(sub_range)
    return max(first, lower), min(last, upper)


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
