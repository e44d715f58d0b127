"""Where the extra is missing, the hint names the way in which this copy was installed, and no name of an index."""

import json
import sys

import pytest

from plexctl import installation
from plexctl.commands import local_options
from plexctl.version import VERSION
from tests.pages import ROOT

COMMIT = "21c3be56b17667096f578eb779a33e6b4afd66ef"
CHECKOUT = {"url": "file:///home/you/my%20plexctl", "dir_info": {}}
EDITABLE = {"url": "file:///home/you/plexctl", "dir_info": {"editable": True}}
WHEEL = {"url": f"file:///home/you/plexctl-{VERSION}-py3-none-any.whl", "archive_info": {}}
GIT = {"url": "https://git.example/plexctl.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
DOWNLOAD = {"url": "https://files.example/plexctl.tar.gz", "archive_info": {}}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Say how plexctl was installed, as an installer records it."""
    environment = tmp_path / "environment"
    environment.mkdir()
    monkeypatch.setattr(sys, "prefix", str(environment))
    monkeypatch.setattr(sys, "executable", "/env/bin/python")
    monkeypatch.setattr(installation, "find_spec", lambda name: name)

    def installed(installer="pip", origin=None, left=None):
        record = tmp_path / f"plexctl-{VERSION}.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Metadata-Version: 2.4\nName: plexctl\nVersion: {VERSION}\n")
        (record / "INSTALLER").write_text(f"{installer}\n")
        if origin:
            (record / "direct_url.json").write_text(json.dumps(origin))
        if left:
            (environment / left).touch()
        monkeypatch.syspath_prepend(tmp_path)

    return installed


PIP = "/env/bin/python -m pip install"
UV = "uv pip install --python /env/bin/python"
WAYS = [
    ("pip", CHECKOUT, None, "pip", f"{PIP} '/home/you/my plexctl[local]'"),
    ("pip", EDITABLE, None, "pip, editable", f"{PIP} --editable '/home/you/plexctl[local]'"),
    ("pip", WHEEL, None, "pip", f"{PIP} '/home/you/plexctl-{VERSION}-py3-none-any.whl[local]'"),
    ("pip", GIT, None, "pip", f"{PIP} 'plexctl[local] @ git+https://git.example/plexctl.git@{COMMIT}'"),
    ("pip", DOWNLOAD, None, "pip", f"{PIP} 'plexctl[local] @ https://files.example/plexctl.tar.gz'"),
    ("uv", EDITABLE, None, "uv, editable", f"{UV} --editable '/home/you/plexctl[local]'"),
    ("uv", CHECKOUT, "uv-receipt.toml", "uv", "uv tool install --force '/home/you/my plexctl[local]'"),
    ("pip", CHECKOUT, "pipx_metadata.json", "pipx", "pipx install --force '/home/you/my plexctl[local]'"),
    (
        "uv",
        EDITABLE,
        "pipx_metadata.json",
        "pipx, editable",
        "pipx install --force --editable '/home/you/plexctl[local]'",
    ),
]


@pytest.mark.parametrize(("installer", "origin", "left", "way", "command"), WAYS)
def test_the_hint_names_the_way_and_the_origin(installed, installer, origin, left, way, command):
    installed(installer, origin, left)
    assert installation.advice("local") == f"this plexctl was installed by {way}; run: {command}"


def test_without_a_record_of_its_origin_the_hint_names_no_index(installed):
    installed()
    assert installation.advice("local") == (
        f"this plexctl was installed by pip; run: {PIP} 'SOURCE[local]', "
        "where SOURCE is the checkout, archive or wheel that it came from"
    )


def test_where_an_environment_has_no_pip_another_one_installs_into_it(installed, monkeypatch):
    installed(origin=CHECKOUT)
    monkeypatch.setattr(installation, "find_spec", lambda _: None)
    assert "run: python3 -m pip --python /env/bin/python install '/home" in installation.advice("local")


def test_a_copy_that_is_not_installed_names_its_checkout(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "executable", "/env/bin/python")
    monkeypatch.setattr(installation, "find_spec", lambda name: name)
    assert installation.advice("local") == f"this plexctl is not installed; run: {PIP} --editable '{ROOT}[local]'"


def test_a_quote_in_a_path_is_kept_from_the_shell(installed):
    installed(origin={"url": "file:///home/you/it's", "dir_info": {}})
    assert installation.advice("local").endswith("""install '/home/you/it'"'"'s[local]'""")


def test_a_local_command_without_the_extra_gives_the_hint(plexctl, monkeypatch):
    monkeypatch.setattr(local_options, "find_spec", lambda _: None)
    outcome = plexctl("local status")
    assert outcome.code == 2
    needs = "the local plane needs an extra that is not installed; this plexctl "
    assert outcome.stderr.startswith(f"plexctl: local status: {needs}")
    assert outcome.stderr.count("\n") == 1
    assert "[local]" in outcome.stderr
    assert "install 'plexctl" not in outcome.stderr
