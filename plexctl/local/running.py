"""What is known of a running plane, and what one is asked to be: both travel between processes as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plexctl.local.control.context import Settings
from plexctl.local.data_directory import STATE


@dataclass(frozen=True)
class Launch:
    """How a plane is to be started; an ephemeral one takes its directory with it when it stops."""

    data_dir: Path
    port: int
    signer_port: int
    settings: Settings
    ephemeral: bool = False


@dataclass(frozen=True)
class Running:
    """A plane that answers. `started_at` is RFC 3339."""

    url: str
    signer_endpoint: str
    data_dir: str
    pid: int
    started_at: str
    ephemeral: bool


def encode(value: Launch | Running) -> str:
    return json.dumps(asdict(value), default=str)


def decode_launch(text: str) -> Launch:
    members: dict[str, Any] = json.loads(text)
    return Launch(**members | {"data_dir": Path(members["data_dir"]), "settings": Settings(**members["settings"])})


def read(directory: Path) -> Running | None:
    """Read what a plane has noted of itself; whether it still runs only its lock tells."""
    try:
        return Running(**json.loads((directory / STATE).read_bytes()))
    except FileNotFoundError:
        return None
