"""A plane that answers, and how a plane is to be started; both travel between processes as JSON.

This module imports nothing of the plane itself, so that the commands which only look for one are quick.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from plexctl.local.state import State

IDP_BINDING_ID = "01900000-0000-7000-8000-6c6f63616c01"  # of the one identity provider, which every plane has


@dataclass(frozen=True)
class Launch:
    """How a plane is to be started; `settings` are those of the rules, and an ephemeral plane leaves no files.

    A tethered plane ends when its stdin does.
    """

    data_dir: str
    port: int
    signer_port: int
    settings: Mapping[str, Any]
    ephemeral: bool = False
    is_tethered: bool = False

    @property
    def options(self) -> dict[str, object]:
        """What two starts of the same plane have in common."""
        return {"port": self.port, "signer_port": self.signer_port, **self.settings}


@dataclass(frozen=True)
class Running:
    """A plane that answers."""

    url: Annotated[str, "the HTTP API"]
    signer_endpoint: Annotated[str, "the signer's HOST:PORT"]
    data_dir: Annotated[str, "its data directory"]
    pid: Annotated[int, "its process id"]
    started_at: Annotated[str, "since when it answers, RFC 3339"]
    ephemeral: Annotated[bool, "whether its directory is removed when it stops"]
    idp_binding_id: Annotated[str, "the identity provider to sign in with, shared by all Domains"] = IDP_BINDING_ID


def describe(state: State) -> Running | None:
    """Describe the plane of a state; None before it has answered."""
    if state.url is None or state.signer_endpoint is None or state.started_at is None:
        return None
    return Running(state.url, state.signer_endpoint, state.data_dir, state.pid, state.started_at, state.ephemeral)


def encode(value: Launch | Running) -> str:
    """Write it as JSON."""
    return json.dumps(asdict(value))
