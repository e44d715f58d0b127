"""What a Node of a fleet must not lose: its keys and its credential, as they stand in its file."""

import json
import os
from dataclasses import asdict, dataclass, field
from typing import Self

from plexctl.local import node_keys


@dataclass(frozen=True)
class Secrets:
    """One Node's secrets; keys and the NSK are the base64 of 32 bytes.

    `handle` is the external_ref of its Resource, which contains random text, so that no other machine has it. A Node
    whose registration has not been answered has no `node_id`. `next_private_key` is that of a rotation that has begun.
    """

    number: int
    handle: str
    private_key: str = field(repr=False)
    node_id: str = ""
    nsk: str = field(default="", repr=False)
    next_private_key: str = field(default="", repr=False)

    @classmethod
    def new(cls, number: int) -> Self:
        """Make those of a machine that has not enrolled yet."""
        return cls(number, f"fleet-{number:04}-{os.urandom(4).hex()}", node_keys.new_private_key())

    @property
    def bearer(self) -> str:
        """The credential of the Node's requests."""
        return node_keys.bearer(self.node_id, self.nsk)


def encode(secrets: Secrets) -> bytes:
    """Write secrets as JSON."""
    return json.dumps(asdict(secrets)).encode() + b"\n"


def decode(content: bytes) -> Secrets:
    """Read what `encode` has written.

    Raises: ValueError; TypeError.
    """
    return Secrets(**json.loads(content))
