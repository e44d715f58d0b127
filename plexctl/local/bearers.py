"""The file with the operators' bearer tokens; the database holds only their fingerprints."""

import json
from pathlib import Path

from plexctl.local import data_directory
from plexctl.local.plane_error import START_AFRESH, PlaneError

BEARERS_FILE = "bearers.json"
NAMES = ("admin", "viewer", "outsider")


def read_bearers(data_dir: Path) -> dict[str, str]:
    """Return the bearer token of each principal, by the principal's name.

    Raises: PlaneError where no plane has been started yet, the file is damaged, or others can use it; OSError.
    """
    path = data_dir / BEARERS_FILE
    try:
        bearers = json.loads(data_directory.read_file(path))
        return {name: bearers[name] for name in NAMES}
    except (FileNotFoundError, NotADirectoryError):
        detail = f"no plane has been started in {data_dir} yet"
        raise PlaneError("No Plane", detail, "run 'plexctl local start'") from None
    except (ValueError, KeyError, TypeError):
        detail = f"{path} does not hold a bearer token for each of {', '.join(NAMES)}"
        raise PlaneError("Damaged Plane", detail, START_AFRESH) from None
