"""A document together with its typed view: what a client method returns and what a command shows."""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

View = TypeVar("View")
Bytes = bytes | bytearray
Document = Bytes | Mapping[str, object]  # JSON, a server's as it came, or what plexctl itself has made


class Payload(NamedTuple, Generic[View]):
    """`document` is the JSON that json and yaml print, a server's as it came; `view` is what the text table shows.

    `status` and `request_id` are those of the response that brought it.
    """

    document: Bytes
    view: View
    status: int | None = None
    request_id: str | None = None


class Number(str):
    """A number as it was written: `1e5` and `1.10` are neither rounded nor spelt anew."""

    __slots__ = ()


def own_payload(document: Mapping[str, object], view: View) -> Payload[View]:
    """Make a payload of a document that no server has sent."""
    import json

    return Payload(json.dumps(document).encode(), view)
