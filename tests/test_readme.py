"""What the README shows under "What it looks like" is what the commands print, ids apart."""

import re

from tests.pages import ROOT, Shapes
from tests.shell import Shell
from tests.test_docs_examples import SETTING
from tests.test_docs_shell import require_tools

SECOND = """
jq --arg token "$(issue "$FLEET" | jq -r .token)" --arg nonce "$(openssl rand -hex 16)" \
  --arg key "$(openssl rand -base64 32)" --arg project "$FLEET" --null-input '{
    project_id: $project, resource_id: "b", requested_resource_id: "b",
    bootstrap_token: $token, nonce: $nonce, public_key: $key
  }' | curl --silent --fail --header "Content-Type: application/json" --data @- "$PLEXSPHERE_URL/v1/register" >b.json
"""
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## What it looks like\n")[2]
SHOWN = SECTION.partition("```text\n")[2].partition("```")[0]
DOMAIN, FIRST_NODE = re.findall(r"(?:--domain|healthy\n\n\$ plexctl key rotate --node) ([0-9a-f-]{36})", SHOWN)[:2]


def test_the_readme_shows_what_plexctl_prints(tmp_path):
    require_tools("curl jq openssl")
    with Shell(tmp_path) as shell:
        assert shell.type(SETTING).output == ""
        assert shell.type(SECOND).output == ""
        ids = shell.type('echo "$DOMAIN_ID $NODE_ID"').output.split()
        shown = SHOWN.replace(DOMAIN, ids[0]).replace(FIRST_NODE, ids[1])
        typed = [(line, shell.type(line).output) for line in re.findall(r"^\$ (.*)$", shown, re.MULTILINE)]
    found = "\n".join(f"$ {command}\n{output}" for command, output in typed)
    assert Shapes()(found) == Shapes()(shown)
