"""Builds packages of this code for a test: from a working tree, from an archive of it, and from an sdist."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.pages import ROOT

PARTS = (
    *("plexctl", "docs", "pyproject.toml", "README.md", "LICENSE"),
    *("hatch_build.py", ".gitignore", ".gitattributes", ".git_archival.txt"),
)
DATE = "2026-03-01T10:20:30Z"
NAMES = {
    f"GIT_{role}_{member}": value
    for role in ("AUTHOR", "COMMITTER")
    for member, value in (("NAME", "A Tester"), ("EMAIL", "tester@example.org"), ("DATE", "2026-03-01T12:20:30+02:00"))
}


def without_git() -> dict[str, str]:
    """Return the environment without what it says of another repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def git(tree: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", tree, "-c", "commit.gpgsign=false", "-c", f"core.hooksPath={os.devnull}", *words],
        env=without_git() | NAMES, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def commit_everything(tree: Path) -> Path:
    """Fill a directory with this code, as one commit whose date is known."""
    for part in PARTS:
        source = ROOT / part
        ignored = shutil.ignore_patterns("__pycache__", "_stamp.py")
        shutil.copytree(source, tree / part, ignore=ignored) if source.is_dir() else shutil.copy(source, tree)
    git(tree, "init", "--quiet")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message", "Everything")
    return tree


def archive(tree: Path, target: Path) -> Path:
    """Unpack what git archives of a tree's commit: its files, without git."""
    packed = target.with_suffix(".tar")
    git(tree, "archive", "--output", str(packed), "HEAD")
    return unpack(packed, target)


def unpack(packed: Path, target: Path) -> Path:
    """Unpack an archive, without the directory at its top if all of it is below one."""
    with tarfile.open(packed) as opened:
        opened.extractall(target, filter="data")
    inner = list(target.iterdir())
    return inner[0] if len(inner) == 1 else target


def build(tree: Path, target: str, directory: Path, **environment: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", directory],
        cwd=tree, env=os.environ | environment, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = directory.iterdir()
    return built
