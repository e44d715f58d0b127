"""Writes the commit into the built package, since a wheel has no working tree."""

import runpy
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP = "plexctl/_stamp.py"


class StampHook(BuildHookInterface[Any]):
    """The build hook that adds the stamp; it leaves the tree that is built from as it was."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the stamp of the tree's commit, or the one that came with an sdist; an editable install needs neither."""
        _remove_own_bytecode()
        root = Path(self.root)
        self._directory = TemporaryDirectory(prefix="plexctl-build-")
        stamp = Path(self._directory.name) / "_stamp.py"
        found = runpy.run_path(str(root / "plexctl" / "version.py"))["read_commit"](self.root)
        if found:
            stamp.write_text('COMMIT = "{}"\nDATE = "{}"\n'.format(*found))
        else:
            stamp = root / STAMP
        if stamp.exists() and version != "editable":
            build_data["force_include"][str(stamp)] = STAMP

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  the signature of Hatch's hooks
        """Remove the stamp that was written for this build."""
        self._directory.cleanup()


def _remove_own_bytecode() -> None:
    """Remove what importing this file has just written beside it."""
    bytecode = Path(cache_from_source(__file__))
    bytecode.unlink(missing_ok=True)
    with suppress(OSError):  # it holds more, or there is none
        bytecode.parent.rmdir()
