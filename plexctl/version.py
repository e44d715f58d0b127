"""The version of this plexctl, and the commit that it was built from."""

import os
import time
from importlib import import_module

VERSION = "0.2.0"

_PACKAGE = __file__.removesuffix("version.py")  # importing Path would take most of the time of --version


def describe() -> str:
    """Return `version=<semver> commit=<sha> date=<rfc3339>`, with the date of the commit in UTC."""
    commit, date = _checkout() or _stamp() or ("unknown", _modified())
    return f"version={VERSION} commit={commit} date={date}"


def _checkout() -> tuple[str, str] | None:
    """Ask git, if the package is in its own working tree, where a stamp could be out of date."""
    root = f"{_PACKAGE}.."
    if not all(os.access(f"{root}/{name}", os.F_OK) for name in (".git", "pyproject.toml")):
        return None
    return read_commit(root)


def read_commit(root: str) -> tuple[str, str] | None:
    """Return the current commit of a working tree and its date, or None where git does not know them."""
    import subprocess  # only a checkout starts git

    # With --git-dir, git ignores the GIT_DIR of a hook, and accepts a working tree of another user.
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
    """Return when this file was last written, if neither git nor the build knows a date."""
    return _utc(os.stat(__file__).st_mtime)  # noqa: PTH116  importing Path would take most of the time of --version


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
