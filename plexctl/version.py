"""What this copy of plexctl is: its version, and the commit it was built from."""

import os
import time
from importlib import import_module

VERSION = "0.1.0"

_PACKAGE = __file__.removesuffix("version.py")  # a Path would be the dearest part of --version


def describe() -> str:
    """Return `version=<semver> commit=<sha> date=<rfc3339>`, the date being the commit's, in UTC."""
    commit, date = _checkout() or _stamp() or ("unknown", _modified())
    return f"version={VERSION} commit={commit} date={date}"


def _checkout() -> tuple[str, str] | None:
    """Ask git, where the package stands in its own working tree: a stamp would be stale there."""
    root = f"{_PACKAGE}.."
    if not all(os.access(f"{root}/{name}", os.F_OK) for name in (".git", "pyproject.toml")):
        return None
    return read_commit(root)


def read_commit(root: str) -> tuple[str, str] | None:
    """Read a working tree's current commit and its date, or None where git cannot tell."""
    import subprocess  # only a checkout pays for starting git

    # The directory is named, lest git take a hook's GIT_DIR, or refuse a tree that is another user's and runs anyway.
    command = ["git", f"--git-dir={root}/.git", "log", "-1", "--format=%H %ct"]
    try:
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    commit, seconds = answer.stdout.split()
    return commit, _utc(float(seconds))


def _stamp() -> tuple[str, str] | None:
    try:
        stamp = import_module("plexctl._stamp")  # written by the build, absent from a checkout
    except ImportError:
        return None
    return stamp.COMMIT, stamp.DATE


def _modified() -> str:
    """Tell when this file was last written, where neither git nor the build has a date."""
    return _utc(os.stat(__file__).st_mtime)  # noqa: PTH116  a Path would be the dearest part of --version


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
