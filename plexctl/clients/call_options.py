"""The options that every call of a run shares, and the record of one attempt, which --verbose prints."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from plexctl.clients.deadline import Deadline
from plexctl.settings.environment import TrustStore


class Attempt(NamedTuple):
    """One attempt; `outcome` is an HTTP or gRPC status, or the name of the error that prevented a response."""

    method: str
    url: str
    outcome: str
    milliseconds: int
    request_id: str


Observer = Callable[[Attempt], None]


class CallOptions(NamedTuple):
    """The options of every call: its deadline, the network's settings, and what to call after each attempt.

    `start_deadline` begins that of a request; `max_response_bytes` replaces the bound on every success's body.
    """

    timeout_seconds: float
    trust_store: TrustStore
    proxy_variables: Mapping[str, str]
    observe: Observer
    start_deadline: Callable[[], Deadline]
    max_response_bytes: int | None = None
