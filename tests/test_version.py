"""--version tells the same from a checkout, an archive of it, an editable install, an sdist and a wheel."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from plexctl import version
from plexctl.version import VERSION
from tests.packages import DATE, archive, build, commit_everything, git, unpack
from tests.pages import ROOT

LINE = re.compile(r"version=\d+\.\d+\.\d+ commit=[0-9a-f]{40} date=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A working tree of this code with one commit, whose date is known."""
    return commit_everything(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def expected(tree):
    return f"version={VERSION} commit={git(tree, 'rev-parse', 'HEAD')} date={DATE}\n"


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory):
    """An interpreter with a site of its own that holds Click alone, which is all that --version needs."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(place)}))
    (site / "click").symlink_to(Path(click.__file__).parent)
    return place / "bin" / "python", site


@pytest.fixture
def run(interpreter, tmp_path):
    """Install a wheel as an installer does, by unpacking it, and ask what it is."""
    python, site = interpreter
    kept = set(site.iterdir())

    def of(wheel: Path) -> str:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
        command = [python, "-m", "plexctl", "--version"]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    yield of
    for path in set(site.iterdir()) - kept:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def in_place(tree: Path, **environment: str) -> str:
    command = [sys.executable, "-m", "plexctl", "--version"]
    return subprocess.run(
        command, cwd=tree, env=os.environ | environment, check=True, capture_output=True, text=True
    ).stdout


def test_this_checkout():
    assert LINE.fullmatch(in_place(ROOT))


def test_a_checkout_tells_its_current_commit(tree, expected):
    assert in_place(tree) == expected


def test_a_checkout_is_not_mistaken_for_the_repository_whose_hook_runs(tree, expected, tmp_path):
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "Another")
    assert in_place(tree, GIT_DIR=str(tmp_path / ".git")) == expected


def test_a_checkout_may_be_another_users(tree, expected):
    assert in_place(tree, GIT_TEST_ASSUME_DIFFERENT_OWNER="1") == expected


def test_a_wheel_tells_the_commit_it_was_built_from(tree, expected, run, tmp_path):
    assert run(build(tree, "wheel", tmp_path / "dist")) == expected


def test_an_editable_install_tells_the_working_trees_commit(tree, expected, run, tmp_path):
    wheel = build(tree, "wheel:editable", tmp_path / "dist")
    assert not any(name.startswith("plexctl/") for name in zipfile.ZipFile(wheel).namelist())
    assert run(wheel) == expected


def test_a_wheel_made_of_an_sdist_keeps_the_stamp(tree, expected, run, tmp_path):
    unpacked = unpack(build(tree, "sdist", tmp_path / "dist"), tmp_path / "unpacked")
    assert run(build(unpacked, "wheel", tmp_path / "again")) == expected
    assert run(build(unpacked, "wheel:editable", tmp_path / "editable")) == expected


def test_an_archive_without_git_tells_the_commit_that_it_was_made_of(tree, expected, run, tmp_path):
    archived = archive(tree, tmp_path / "archived")
    assert in_place(archived) == expected
    assert run(build(archived, "wheel", tmp_path / "dist")) == expected
    assert run(build(archived, "wheel:editable", tmp_path / "editable")) == expected


def test_a_checkout_does_not_believe_an_old_stamp(tree, expected):
    stamp = tree / "plexctl" / "_stamp.py"
    stamp.write_text('COMMIT = "0"\nDATE = "never"\n')
    assert in_place(tree) == expected
    stamp.unlink()


def test_without_git_and_stamp_the_commit_is_unknown_and_the_date_the_files(tree, tmp_path):
    shutil.copytree(tree / "plexctl", tmp_path / "plexctl", ignore=shutil.ignore_patterns("_stamp.py"))
    os.utime(tmp_path / "plexctl" / "version.py", (0, 1_772_360_430))
    written = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_772_360_430))
    assert in_place(tmp_path) == f"version={VERSION} commit=unknown date={written}\n"


def test_the_wheel_installs_the_command_and_all_its_parts(tree, tmp_path):
    names = zipfile.ZipFile(wheel := build(tree, "wheel", tmp_path / "dist")).namelist()
    entries = next(name for name in names if name.endswith("/entry_points.txt"))
    assert "plexctl = plexctl.main:entry" in zipfile.ZipFile(wheel).read(entries).decode()
    parts = [path for path in (tree / "plexctl").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    wanted = {str(path.relative_to(tree)) for path in parts}
    assert {name for name in names if name.startswith("plexctl/")} == wanted | {"plexctl/_stamp.py"}


def test_a_tree_that_git_cannot_read_has_no_commit(tmp_path, monkeypatch):
    assert version.read_commit(str(tmp_path)) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert version.read_commit(str(ROOT)) is None


def test_where_there_is_no_checkout_the_stamp_tells(monkeypatch):
    monkeypatch.setitem(sys.modules, "plexctl._stamp", SimpleNamespace(COMMIT="c0ffee", DATE=DATE))
    monkeypatch.setattr(version, "_PACKAGE", "/nowhere/plexctl/")
    assert version.describe() == f"version={VERSION} commit=c0ffee date={DATE}"


def test_version_stands_anywhere_and_wins(plexctl):
    line = plexctl("--version")
    assert LINE.fullmatch(line.stdout)
    assert plexctl("peer list --version --domain x") == line
    assert plexctl("-o json peer --version", PLEXSPHERE_OUTPUT="xml") == line
