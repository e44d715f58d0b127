"""A plane that registers Nodes from several threads until it is killed, printing each Node's id once it is answered."""

import os
import sys
import threading
from pathlib import Path

from plexctl.local.control.base.transaction import Control, Settings
from plexctl.local.sources import system_sources
from plexctl.local.store import Store
from plexctl.local.vault import Vault, open_root_key
from tests.local.seeded import Seeded

THREADS = 4


def open_plane(data_dir: Path) -> Control:
    vault = Vault(open_root_key(data_dir / "root.key"))
    return Control(Store(data_dir / "plane.db"), vault, system_sources().now, Settings(cheap_hashes=True))


def register_on(seeded: Seeded, project_id: str) -> None:
    while True:
        line = seeded.enrol(project_id)["node_id"] + "\n"
        os.write(sys.stdout.fileno(), line.encode())  # in one piece, unlike print


def main(data_dir: Path) -> None:
    seeded = Seeded(open_plane(data_dir), data_dir)
    project_id = seeded.project(domain_id=seeded.domain("10.128.0.0/16"))
    for _ in range(THREADS):
        threading.Thread(target=register_on, args=(seeded, project_id)).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
