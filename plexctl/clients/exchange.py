"""What every call of a run shares, and what one attempt came to, as --verbose tells it."""

from collections.abc import Callable
from typing import NamedTuple

from plexctl.settings.environment import TrustStore


class Exchange(NamedTuple):
    """`outcome` is an HTTP or gRPC status, or the name of what went wrong on the way."""

    method: str
    url: str
    outcome: str
    milliseconds: int
    request_id: str


Observer = Callable[[Exchange], None]


class Terms(NamedTuple):
    """The terms of every call: its deadline in seconds, whom to trust, and who is told of each attempt."""

    timeout: float
    trust_store: TrustStore
    observe: Observer
