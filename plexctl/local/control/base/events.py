"""The typed events that rules promise; the outbox stores them as JSON."""

import json
from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Event:
    """One promised event; each subclass adds fields, which are the members of its JSON."""

    kind: ClassVar[str]

    def to_json(self) -> str:
        """Write the fields as a JSON object."""
        return json.dumps(asdict(self))
