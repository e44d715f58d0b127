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
    """Return the commit of the tree that the package is in, if that is its own, where a stamp could be out of date."""
    root = f"{_PACKAGE}.."
    return read_commit(root) if os.access(f"{root}/pyproject.toml", os.F_OK) else None


def read_commit(root: str) -> tuple[str, str] | None:
    """Return the commit of a working tree, or of an archive that git made of one, and its date; None if unknown."""
    return _from_git(root) if os.access(f"{root}/.git", os.F_OK) else _from_archive(root)


def _from_git(root: str) -> tuple[str, str] | None:
    import subprocess  # only a checkout starts git

    # With --git-dir, git ignores the GIT_DIR of a hook, and accepts a working tree of another user.
    command = ["git", f"--git-dir={root}/.git", "log", "-1", "--format=%H %ct"]
    try:
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return _commit_and_date(answer.stdout)


def _from_archive(root: str) -> tuple[str, str] | None:
    """Read the file in which `git archive` names the commit; anywhere else it has its placeholder."""
    try:
        with open(f"{root}/.git_archival.txt", encoding="utf-8") as file:  # noqa: PTH123  importing Path would take most of the time of --version
            text = file.read()
    except OSError:
        return None
    return None if text.startswith("$") else _commit_and_date(text)


def _commit_and_date(text: str) -> tuple[str, str]:
    commit, seconds = text.split()
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
