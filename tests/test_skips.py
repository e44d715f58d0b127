"""A skipped test passes on a user's machine, and fails in CI: see tests/conftest.py."""

import os
import subprocess
import sys

import pytest

from tests import published
from tests.pages import ROOT

PUBLISHED = """
from pathlib import Path
from tests import published
published.SHARED = Path({directory!r})
def test_published():
    published.require()
"""
FILES = {
    "test_one": "import pytest\ndef test_tool():\n    pytest.skip('wg is not installed')\n",
    "test_module": "import pytest\npytest.skip('jq is not installed', allow_module_level=True)\n",
    "test_known": "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_known():\n    assert False\n",
}


@pytest.fixture
def run(tmp_path):
    files = FILES | {"test_published": PUBLISHED.format(directory=str(tmp_path / "absent"))}
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -q -rfEs --noconftest --continue-on-collection-errors\n")

    def run(ci):
        command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", str(tmp_path)]
        environment = {
            **os.environ,
            "CI": ci,
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }  # it needs none
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


def test_skips_fail_in_ci_but_for_the_published_material(run):
    done = run("true")
    assert done.returncode == 1
    for tool in ("wg", "jq"):
        assert f"skipped, which is not allowed in CI: Skipped: {tool} is not installed" in done.stdout
    assert "the published material is not beside this checkout: no " in done.stdout
    assert "1 failed, 1 skipped, 1 xfailed, 1 error" in done.stdout


def test_skips_pass_elsewhere_and_say_why(run):
    done = run("")
    assert done.returncode == 0
    assert "3 skipped, 1 xfailed" in done.stdout
    assert "wg is not installed" in done.stdout


def test_the_reason_excuses_no_skip_where_the_material_is_there(tmp_path, monkeypatch):
    reason = "Skipped: the published material is not beside this checkout"
    monkeypatch.setattr(published, "SHARED", tmp_path / "absent")
    assert published.excuses(reason)
    assert not published.excuses("Skipped: wg is not installed")
    monkeypatch.setattr(published, "SHARED", tmp_path)
    assert not published.excuses(reason)
