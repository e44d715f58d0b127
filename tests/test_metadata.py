"""What somebody who adopts plexctl reads first: licence, metadata, pages, and the releases it is tested with."""

import hashlib
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from plexctl.version import VERSION
from tests.each import each
from tests.packages import git
from tests.pages import ROOT

APACHE_2_0 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"  # SHA-256 of the standard text
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [Requirement(text) for text in (*PROJECT["dependencies"], *EXTRAS["local"], *EXTRAS["test"])]
OTHERS = [requirement for requirement in REQUIREMENTS if requirement.name != PROJECT["name"]]
WITHOUT_KNOWN_HOLES = {"cryptography": "50", "starlette": "1.3.1"}


def pinned(kind: str) -> dict[str, Version]:
    lines = (ROOT / "constraints" / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
    found = (Requirement(line) for line in lines if not line.startswith("#"))
    return {one.name.lower(): Version(str(one.specifier).removeprefix("==")) for one in found}


def floor(requirement: Requirement) -> Version:
    [least] = [Version(part.version) for part in requirement.specifier if part.operator in {">=", "=="}]
    return least


def test_the_licence_is_the_standard_text():
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2_0
    assert (PROJECT["license"], PROJECT["license-files"]) == ("Apache-2.0", ["LICENSE"])


def test_no_metadata_is_made_up():
    assert PROJECT["authors"] == [{"name": "plexctl contributors"}]
    assert "urls" not in PROJECT


def test_the_changelog_has_the_version_below_what_is_unreleased():
    headings = re.findall(r"^## \[(.*?)\](.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == VERSION
    assert re.fullmatch(r" - \d{4}-\d\d-\d\d", headings[1][1])


@each("requirement", OTHERS)
def test_both_sets_pin_what_is_required(requirement):
    name = requirement.name.lower().replace(".", "-")
    lowest, newest = pinned("lowest")[name], pinned("newest")[name]
    wanted = floor(requirement).release
    assert lowest.release[: len(wanted)] == wanted  # a date may follow, as with the stubs of types
    assert lowest <= newest
    assert newest in requirement.specifier


def test_the_floors_have_no_known_holes():
    floors = {requirement.name: floor(requirement) for requirement in OTHERS}
    for name, least in WITHOUT_KNOWN_HOLES.items():
        assert floors[name] >= Version(least)


def test_ci_runs_both_sets():
    script = (ROOT / ".ci" / "check").read_text(encoding="utf-8")
    assert "constraints/newest.txt" in script
    assert "constraints/lowest.txt" in script
    named = re.search(r"^OF_THE_DEPENDENCIES=\((.*?)^\)$", script, re.MULTILINE | re.DOTALL)
    assert named
    assert [path for path in re.findall(r"\btests/\S+", named[1]) if not (ROOT / path).exists()] == []


def test_ci_installs_tools_and_leaves_the_rest_to_the_check_without_root():
    install, check = ((ROOT / ".ci" / name).read_text(encoding="utf-8") for name in ("run", "check"))
    assert install.rstrip().endswith("install_tools\nexec .ci/check")
    assert not re.search(r"sudo|apt-get|as_root", check)


def test_the_hooks_of_each_commit_are_local():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    assert {hook["language"] for hook in config["repos"][0]["hooks"]} == {"system"}


def test_the_files_keep_the_form_that_editors_are_given():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, which lists its files")
    listed = git(ROOT, "ls-files", "-z").split("\0")
    assert len(listed) > 500
    for name in filter(None, listed):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\n"
        assert b"\r\n" not in content, name
        assert not content or content.endswith(b"\n"), name


def test_each_recipe_names_files_that_exist():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    recipes = page.partition("## Recipes")[2].partition("\n## ")[0]
    places = ("", "plexctl", "plexctl/local", "plexctl/local/control")
    for name in re.findall(r"`([a-z_/-]+(?:\.\w+|/))`", recipes):
        assert any((ROOT / place / name).exists() for place in places), name


def test_each_recipe_names_tables_that_exist():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for table, file in re.findall(r"`([A-Z_]+)`\s+(?:of|in)\s+`([a-z_/]+\.py)`", page):
        sources = [path for path in ROOT.rglob(file) if ".venv" not in path.parts]
        assert any(re.search(rf"^{table}\b", path.read_text(), re.MULTILINE) for path in sources), (table, file)
