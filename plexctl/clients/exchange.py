"""What one attempt at a request came to, as --verbose tells it."""

from collections.abc import Callable
from typing import NamedTuple


class Exchange(NamedTuple):
    """`outcome` is an HTTP or gRPC status, or the name of what went wrong on the way."""

    method: str
    url: str
    outcome: str
    milliseconds: int
    request_id: str


Observer = Callable[[Exchange], None]
