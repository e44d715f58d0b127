"""Completion in the shell: of families, leaves, flags and choices; see test_startup for what it may import."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest

from plexctl.options import GLOBAL_FLAGS
from plexctl.tree import TREE
from tests.tree import families

SOURCED = {"bash": "complete -o nosort -F", "zsh": "#compdef plexctl", "fish": "complete --no-files --command plexctl"}


@pytest.fixture
def complete(plexctl):
    """Complete the last word of a line as bash would ask for it."""

    def run(line: str) -> list[str]:
        number = len(line.split(" ")) - 1
        outcome = plexctl(_PLEXCTL_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(number))
        assert (outcome.code, outcome.stderr) == (0, "")
        return [item.removeprefix("plain,") for item in outcome.stdout.splitlines() if item]

    return run


@pytest.mark.parametrize("name", SOURCED)
def test_each_shell_gets_its_script(plexctl, name):
    outcome = plexctl(_PLEXCTL_COMPLETE=f"{name}_source")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert f"_PLEXCTL_COMPLETE={name}_complete" in outcome.stdout
    assert SOURCED[name] in outcome.stdout


def test_families(complete):
    assert complete("plexctl ") == list(TREE)
    assert complete("plexctl p") == ["project", "peer"]
    assert complete("plexctl -o json p") == ["project", "peer"]
    assert complete("plexctl x") == []


@pytest.mark.parametrize("name", families())
def test_leaves(complete, name):
    assert sorted(complete(f"plexctl {name} ")) == sorted(families()[name].commands)


def test_flags(complete):
    assert set(complete("plexctl --")) == {flag.names[0] for flag in GLOBAL_FLAGS} | {"--version", "--help"}
    assert complete("plexctl peer list --") == ["--domain", "--watch", "--interval", "--help"]
    assert complete("plexctl signing rotate --signer-c") == ["--signer-ca-file", "--signer-cert-file"]


def test_choices(complete):
    assert complete("plexctl bootstrap-token issue --kind ") == ["node", "bridge"]
    assert complete("plexctl --output ") == ["text", "json", "yaml"]
    assert complete("plexctl peer list -o y") == ["yaml"]


def test_the_other_shells_answer_too(plexctl):
    zsh = plexctl(_PLEXCTL_COMPLETE="zsh_complete", COMP_WORDS="plexctl pe", COMP_CWORD="1")
    assert zsh == (0, f"plain\npeer\n{TREE['peer'].summary}\n", "")
    fish = plexctl(_PLEXCTL_COMPLETE="fish_complete", COMP_WORDS="plexctl pe", COMP_CWORD="pe")
    assert fish == (0, f"plain,peer\t{TREE['peer'].summary}\n", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_itself_completes(plexctl, tmp_path):
    program = tmp_path / "plexctl"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m plexctl "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(_PLEXCTL_COMPLETE=bash_source plexctl)"; COMP_WORDS=(plexctl peer l) COMP_CWORD=2; '
        '_plexctl_completion plexctl; echo "${COMPREPLY[@]}"'
    )
    environment = plexctl.environment | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "list\n", "")
