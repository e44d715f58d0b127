"""The operators' bearers of a plane, in a file of its own: the database has only their fingerprints."""

import json
from pathlib import Path

from plexctl.local.private_files import DamagedFile

BEARERS_FILE = "bearers.json"
NAMES = ("admin", "viewer", "outsider")


def read_bearers(data_dir: Path) -> dict[str, str]:
    """Return each principal's bearer by its name.

    Raises: DamagedFile; FileNotFoundError before the first start.
    """
    path = data_dir / BEARERS_FILE
    try:
        bearers = json.loads(path.read_bytes())
        return {name: bearers[name] for name in NAMES}
    except (ValueError, KeyError, TypeError):
        raise DamagedFile(f"{path} does not hold a bearer for each of {', '.join(NAMES)}") from None
