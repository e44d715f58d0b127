"""A document with its typed view, which a client method returns and a command shows."""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

View = TypeVar("View")
Bytes = bytes | bytearray
Document = Bytes | Mapping[str, object]  # a server's JSON as it sent it, or a document that plexctl made


class Payload(NamedTuple, Generic[View]):
    """`document` is the JSON that json and yaml print, as the server sent it; the text table shows the `view`.

    `status` and `request_id` are those of the response that brought it.
    """

    document: Bytes
    view: View
    status: int | None = None
    request_id: str | None = None


class Number(str):
    """A number as it was written: `1e5` and `1.10` keep their digits."""

    __slots__ = ()


def own_payload(document: Mapping[str, object], view: View) -> Payload[View]:
    """Make a payload from a document of plexctl's own."""
    import json

    return Payload(json.dumps(document).encode(), view)
