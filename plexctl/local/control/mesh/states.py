"""The states of a Node, computed from the time since its last contact and its Domain's policy."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from plexctl import grammar
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
    """Return a Node's state; both instants are Unix microseconds.

    A last contact later than now, after the clock was set back, counts as a contact now.
    """
    silence_us = max(0, now - last_contact_at)
    return STATES[(silence_us >= limits.stale_after_us) + (silence_us >= limits.unreachable_after_us)]
