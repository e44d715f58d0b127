"""The options that every call of a run shares, and the record of one attempt, which --verbose prints."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

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
    """The options of every call: its deadline, the network's settings, and the function to call after each attempt."""

    timeout_seconds: float
    trust_store: TrustStore
    proxy_variables: Mapping[str, str]
    observe: Observer
