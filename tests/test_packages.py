"""The packages: the same bytes from every tree of a commit, all of the metadata, and no trace in the tree."""

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from plexctl.version import VERSION
from tests.long_mode import pick
from tests.packages import archive, build, commit_everything, git, unpack, without_git

EPOCH = {"SOURCE_DATE_EPOCH": "1772360430"}
LATER = 2_000_000_000  # seconds since the epoch
HOOKS = "prepare_metadata_for_build_wheel build_wheel prepare_metadata_for_build_editable build_editable build_sdist"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return commit_everything(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def built(tree, tmp_path_factory):
    """The packages of the tree, by their targets."""
    place = tmp_path_factory.mktemp("built")
    return {target: build(tree, target, place / target, **EPOCH) for target in ("sdist", "wheel")}


def clone(tree: Path, target: Path) -> Path:
    git(tree, "clone", "--quiet", "--no-local", str(tree), str(target))
    return target


def files(tree: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file() and ".git" not in path.parts}


@pytest.mark.parametrize("target", ["sdist", "wheel"])
def test_a_second_build_has_the_same_bytes(tree, built, tmp_path, target):
    """Elsewhere, by another user's umask and another clock, beside files that git ignores."""
    other = clone(tree, tmp_path / "other")
    for path in other.rglob("*"):
        if ".git" not in path.parts:
            path.chmod(path.stat().st_mode & 0o700)
            os.utime(path, (LATER, LATER))
    (other / "plexctl" / "_stamp.py").write_text('COMMIT = "0"\nDATE = "never"\n')
    again = build(other, target, tmp_path / "dist", **EPOCH)
    assert again.name == built[target].name
    assert again.read_bytes() == built[target].read_bytes()


@pytest.mark.parametrize("target", pick(["wheel"], ["sdist", "wheel"]))
def test_an_archive_without_git_builds_the_same_bytes(tree, built, tmp_path, target):
    again = build(archive(tree, tmp_path / "archived"), target, tmp_path / "dist", **EPOCH)
    assert again.read_bytes() == built[target].read_bytes()


@pytest.mark.parametrize("target", pick(["wheel"], ["sdist", "wheel"]))
def test_an_sdist_builds_the_same_bytes(built, tmp_path, target):
    again = build(unpack(built["sdist"], tmp_path / "unpacked"), target, tmp_path / "dist", **EPOCH)
    assert again.read_bytes() == built[target].read_bytes()


def test_a_build_has_the_date_that_it_is_given(built):
    (date,) = {entry.date_time for entry in zipfile.ZipFile(built["wheel"]).infolist()}
    assert date == (2026, 3, 1, 10, 20, 30)


def test_an_install_writes_nothing_into_the_checkout(tree, tmp_path):
    """Every hook of the build that an installer calls, as it calls them: each in the checkout, with bytecode on."""
    checkout = clone(tree, tmp_path / "checkout")
    before = files(checkout)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for hook in HOOKS.split():
        place = tmp_path / hook
        place.mkdir()
        program = f"from hatchling import build; build.{hook}({str(place)!r})"
        subprocess.run([sys.executable, "-c", program], cwd=checkout, env=environment, check=True, capture_output=True)
        assert list(place.iterdir())
    assert files(checkout) == before
    assert not list(checkout.rglob("__pycache__"))


def test_the_wheel_says_what_it_is(built):
    with zipfile.ZipFile(built["wheel"]) as wheel:
        metadata = email.message_from_bytes(wheel.read(f"plexctl-{VERSION}.dist-info/METADATA"))
        licence = wheel.read(f"plexctl-{VERSION}.dist-info/licenses/LICENSE")
    assert metadata["Version"] == VERSION
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Author"] == "plexctl contributors"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Project-URL"] is None
    assert metadata["Home-page"] is None
    assert licence.startswith(b"\n                                 Apache License\n")


def test_the_sdist_has_all_that_git_has_but_the_name_of_an_archive(tree, built, tmp_path):
    unpacked = unpack(built["sdist"], tmp_path / "unpacked")
    found = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    tracked = set(git(tree, "ls-files").splitlines())
    assert found == tracked - {".git_archival.txt"} | {"PKG-INFO", "plexctl/_stamp.py"}


def test_a_release_is_made_of_what_is_committed(tree, tmp_path):
    checkout = clone(tree, tmp_path / "checkout")
    (checkout / ".ci").mkdir()
    shutil.copy(Path(__file__).parent.parent / ".ci" / "release", checkout / ".ci")
    release = [checkout / ".ci" / "release"]
    done = subprocess.run(release, env=without_git(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "release: commit your changes first: git status names them\n")
