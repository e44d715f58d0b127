"""The examples of every command's help work as they stand, on a plane that has what they name."""

import re
import shutil

import pytest

from plexctl.command import Leaf
from tests.command import Command
from tests.long_mode import LONG
from tests.shell import Shell
from tests.tree import families

# A Domain, a Project with a token, and another Project whose Node is in the mesh.
SETTING = """
set -o pipefail
plexctl local start >/dev/null 2>&1
eval "$(plexctl local env)"
issue() { plexctl bootstrap-token issue --project "$1" --kind node --env-prefix dev --ttl 1h --output json; }
DOMAIN_ID=$(plexctl domain get acme-corp --query id)
PROJECT_ID=$(plexctl project create --domain "$DOMAIN_ID" --slug empty --display-name Empty --query id)
TOKEN_ID=$(issue "$PROJECT_ID" | jq -r .token_id)
FLEET=$(plexctl project create --domain "$DOMAIN_ID" --slug fleet --display-name Fleet --query id)
curl --silent --fail --header "Content-Type: application/json" --data @- "$PLEXSPHERE_URL/v1/register" >node.json <<EOF
{
  "project_id": "$FLEET",
  "resource_id": "edge-router-01",
  "requested_resource_id": "edge-router-01",
  "bootstrap_token": "$(issue "$FLEET" | jq -r .token)",
  "nonce": "$(openssl rand -hex 16)",
  "public_key": "$(openssl rand -base64 32)"
}
EOF
NODE_ID=$(jq -er .node_id node.json)
EMPTY_DOMAIN_ID=$(plexctl domain get gamma-cooperative --query id)
RESOURCE_ID=$(plexctl resource adopt --project-id "$FLEET" --kind vm --query id)
"""

# The local family's examples start, follow and remove planes of their own, and one is for another shell.
FAMILIES = {name: family for name, family in families().items() if name != "local"}
DELETES_THE_PROJECT = "project"
EMPTY_THE_PROJECT = """
for id in $(plexctl resource list --project-id "$PROJECT_ID" -o name); do
  plexctl resource delete "$id" --yes
done
"""


def test_each_example_of_a_reference_page_runs(tmp_path):
    for tool in ("bash", "curl", "jq", "openssl"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    with Shell(tmp_path) as shell:
        setting = shell.type(SETTING)
        assert (setting.output, setting.status) == ("", 0)
        for name in sorted(FAMILIES, key=DELETES_THE_PROJECT.__eq__):
            if name == DELETES_THE_PROJECT:
                assert shell.type(EMPTY_THE_PROJECT).status == 0
            for leaf in FAMILIES[name].commands.values():
                assert isinstance(leaf, Leaf)
                for example in leaf.contract.examples:
                    status, output = _run(shell, _ending(example))
                    assert status == 0, f"{example}\n{output}"


def _ending(example: str) -> str:
    """Have what would go on until somebody interrupts it end with its first line."""
    return f"( set +o pipefail; {example} | head -1 )" if "--watch" in example else example


def _run(shell: Shell, example: str) -> tuple[int, str]:
    """Type an example; one that runs plexctl alone and writes no file is run in this process, which is quicker."""
    if LONG or re.search(r"[|<>;&()`]|\.(tar\.gz|svg|dot|mmd)\b", example):
        typed = shell.type(example)
        return typed.status, typed.output
    _, *words = shell.type(rf"printf '%s\n' {example}").output.splitlines()
    environment = dict(line.split("=", 1) for line in shell.type("env").output.splitlines())
    outcome = Command(shell.home, environment)("", *words)
    return outcome.code, outcome.stderr
