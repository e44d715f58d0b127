"""The manual pages: one per command, as man shows them, and in the wheel where man looks for them."""

import shutil
import subprocess
import zipfile

import click
import pytest

from tests.packages import build, commit_everything
from tests.pages import ROOT
from tests.tree import leaves

MAN = ROOT / "docs" / "man"
PAGES = {f"plexctl-{'-'.join(placed.words)}.1": placed for placed in leaves() if placed.name != "help"}


def shown(*names):
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-Tascii", "-ww", "-P-cbou", "-rLL=1000n", *(str(MAN / name) for name in names)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_every_command_has_a_page_and_every_page_a_command():
    assert {path.name for path in MAN.iterdir()} == {"plexctl.1", *PAGES}


def test_every_page_is_shown_without_a_warning():
    assert shown("plexctl.1", *sorted(PAGES)).stderr == ""


@pytest.mark.parametrize("name", ["plexctl-peer-wait.1", "plexctl-api.1", "plexctl-local-start.1", "plexctl-login.1"])
def test_a_page_says_what_help_says(name):
    leaf, page = PAGES[name].leaf, " ".join(shown(name).stdout.split())
    for text in (*leaf.contract.examples, *(leaf.help or "").split("\n\n")):
        assert " ".join(text.split()) in page
    for option in leaf.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert max(option.opts, key=len) in page


def test_the_wheel_has_them_where_man_looks(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    wheel = build(commit_everything(tree), "wheel", tmp_path / "dist")
    found = {name.partition(".data/data/")[2] for name in zipfile.ZipFile(wheel).namelist() if "/share/" in name}
    assert found == {f"share/man/man1/{path.name}" for path in MAN.iterdir()}
