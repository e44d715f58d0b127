"""What is known of a running plane, and what one is asked to be: both travel between processes as JSON.

Imports nothing of the plane itself, since the commands that only look for one should not wait for that.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from plexctl.local.data_directory import STATE
from plexctl.local.plane_error import START_AFRESH, PlaneError


@dataclass(frozen=True)
class Launch:
    """How a plane is to be started, `settings` being those of the rules; an ephemeral one leaves no files."""

    data_dir: str
    port: int
    signer_port: int
    settings: Mapping[str, Any]
    ephemeral: bool = False


@dataclass(frozen=True)
class Running:
    """A plane that answers."""

    url: Annotated[str, "the HTTP API"]
    signer_endpoint: Annotated[str, "the signer's HOST:PORT"]
    data_dir: Annotated[str, "its data directory"]
    pid: Annotated[int, "its process id"]
    started_at: Annotated[str, "since when it answers, RFC 3339"]
    ephemeral: Annotated[bool, "whether its directory is removed when it stops"]


def encode(value: Launch | Running) -> str:
    """Write a value as JSON."""
    return json.dumps(asdict(value))


def read(directory: Path) -> Running | None:
    """Read what a plane has noted of itself; only its lock tells whether it still runs.

    Raises: PlaneError where the file is damaged.
    """
    path = directory / STATE
    try:
        return Running(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise PlaneError("Damaged Plane", f"{path} does not describe a plane", START_AFRESH) from None
