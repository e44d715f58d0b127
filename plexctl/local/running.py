"""What is known of a running plane, and what one is asked to be: both travel between processes as JSON.

Imports nothing of the plane itself, since the commands that only look for one should not wait for that.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plexctl.local.data_directory import STATE
from plexctl.local.private_files import DamagedFile


class CannotStart(Exception):  # noqa: N818  it names what happened
    """The plane did not start, for the one reason in its text; nothing is left running and no file is changed."""


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
    """A plane that answers. `started_at` is RFC 3339."""

    url: str
    signer_endpoint: str
    data_dir: str
    pid: int
    started_at: str
    ephemeral: bool


def encode(value: Launch | Running) -> str:
    return json.dumps(asdict(value))


def read(directory: Path) -> Running | None:
    """Read what a plane has noted of itself; whether it still runs only its lock tells.

    Raises: DamagedFile.
    """
    path = directory / STATE
    try:
        return Running(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise DamagedFile(f"{path} does not describe a plane") from None
