"""Writes the commit into the built package, since a wheel has no working tree."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StampHook(BuildHookInterface[Any]):
    """The build hook that writes the stamp."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write `plexctl/_stamp.py` from git; a build from an sdist keeps the stamp that came with it."""
        root = Path(self.root)
        stamp = root / "plexctl" / "_stamp.py"
        found = _version_module(root).read_commit(self.root) if (root / ".git").exists() else None
        if found:
            commit, date = found
            stamp.write_text(f'COMMIT = "{commit}"\nDATE = "{date}"\n')
        if stamp.exists() and version != "editable":
            build_data["artifacts"].append("plexctl/_stamp.py")


def _version_module(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("plexctl_version", root / "plexctl" / "version.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("plexctl/version.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
