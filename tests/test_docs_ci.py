"""The jobs of the CI pages do what their pages say, and keep the token out of the log."""

import json
import re
from configparser import RawConfigParser
from pathlib import Path

import pytest
import yaml

from tests.pages import ROOT
from tests.shell import Shell
from tests.test_docs_shell import require_tools

HOW_TO = ROOT / "docs" / "how-to"
INSTALLS = ("pipx ", "apt-get ", "python3 -m pip ")


def fences(page: str, language: str) -> list[str]:
    text = (HOW_TO / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def documents(page: str) -> list[dict]:
    return [yaml.load(text, yaml.BaseLoader) for text in fences(page, "yaml")]


@pytest.fixture
def shell(tmp_path):
    require_tools("jq")
    with Shell(tmp_path) as shell:
        tests = shell.home / "run-my-tests"
        tests.write_text('#!/bin/sh\nplexctl domain list --query "length(items)"\n')
        tests.chmod(0o755)
        yield shell


def tokens(home: Path) -> list[str]:
    """The bearers of every plane that runs below a home."""
    texts = [path.read_text() for path in home.rglob("*.json") if "plexctl" in path.parts]
    return re.findall(r"plexlocal_[a-z]+_[A-Za-z0-9_-]{43}", "".join(texts))


@pytest.mark.parametrize("page", ["use-in-github-actions", "use-in-gitlab-ci"])
def test_a_plane_of_its_own_leaves_no_token_behind(shell, page):
    _, document, _ = documents(page)
    found = document.get("jobs", document)["test"]
    lines = found.get("script") or [step["run"] for step in found["steps"] if "run" in step]
    assert shell.type(lines[-1]) == ("3\n", 0)
    assert tokens(shell.home) == []


def test_github_masks_the_token_before_anything_can_print_it(shell):
    *_, job = documents("use-in-github-actions")
    steps = [step["run"] for step in job["jobs"]["test"]["steps"] if "run" in step]
    shell.type("GITHUB_ENV=$PWD/github-env; export GITHUB_ENV")
    _, start, test, stop = steps
    started = shell.type(start)
    assert started.status == 0, started.output
    variables = dict(line.split("=", 1) for line in (shell.home / "github-env").read_text().splitlines())
    token = variables["PLEXSPHERE_TOKEN"]
    assert f"::add-mask::{token}\n" in f"{started.output}\n"
    assert started.output.count(token) == 1
    assert start.index("add-mask") < start.index("GITHUB_ENV")
    shell.type('while IFS= read -r line; do export "$line"; done <"$GITHUB_ENV"')
    assert shell.type(test) == ("3\n", 0)
    assert shell.type(stop).status == 0
    assert tokens(shell.home) == []


def test_gitlab_never_prints_the_token(shell):
    *_, pipeline = documents("use-in-gitlab-ci")
    job = pipeline["test"]
    log = ""
    for line in (*job["before_script"], *job["script"]):
        if not line.startswith(INSTALLS):
            typed = shell.type(line)
            assert typed.status == 0, typed.output
            log += typed.output
    found = tokens(shell.home)
    assert found
    assert not [token for token in found if token in log]
    assert log.endswith("\n3\n")
    shell.type("unset PLEXSPHERE_URL PLEXSPHERE_TOKEN PLEXSPHERE_SIGNER_ENDPOINT PLEXCTL_LOCAL_DATA_DIR")
    assert [shell.type(line).status for line in job["after_script"]] == [0]
    assert tokens(shell.home) == []


@pytest.mark.parametrize(
    ("page", "tokens"), [("use-in-github-actions", ["${{ secrets.PLEXSPHERE_TOKEN }}"]), ("use-in-gitlab-ci", [])]
)
def test_no_job_has_a_token_in_its_text(page, tokens):
    found = re.findall(r"'PLEXSPHERE_TOKEN': '([^']*)'", repr(list(documents(page))))
    assert found == tokens


def test_the_containers_health_check_tells_a_running_plane_from_a_stopped_one(shell):
    (containerfile,) = fences("run-in-a-container", "dockerfile")
    check = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", containerfile, re.MULTILINE)
    entry = re.search(r"^ENTRYPOINT (\[.*\])$", containerfile, re.MULTILINE)
    assert check
    assert entry
    directory = str(shell.home / "data")
    line = " ".join(json.loads(check[1])).replace("/data", directory)
    serve = " ".join(json.loads(entry[1])).replace("/data", directory)
    assert shell.type(f"{line} >/dev/null 2>&1").status == 1
    shell.type(serve.replace("local serve", "local start") + " >/dev/null 2>&1")
    assert shell.type(f"{line} >/dev/null").status == 0
    assert shell.type(f"plexctl local stop --data-dir {directory}").status == 0
    assert shell.type(f"{line} >/dev/null 2>&1").status == 1


def test_the_unit_waits_for_the_plane_and_takes_from_it_what_it_never_needs():
    unit, addition = (RawConfigParser(strict=False) for _ in range(2))
    for parser, text in zip((unit, addition), fences("run-the-local-plane", "ini"), strict=True):
        parser.read_string(text)
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].endswith("/plexctl local serve")
    assert service["NoNewPrivileges"] == "yes"
    assert set(service["RestrictAddressFamilies"].split()) == {"AF_INET", "AF_INET6", "AF_UNIX"}
    assert addition["Service"]["ProtectSystem"] == "strict"
    assert addition["Service"]["StateDirectoryMode"] == "0700"
