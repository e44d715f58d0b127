"""Every shell block of the documentation does what its page says, with the tools that a reader would use."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pages import ROOT, Block, Shapes, blocks, name, pages
from tests.shell import Shell

TOOLS = re.compile(r"\b(curl|jq|openssl|python3|sqlite3|wg)\b")

HOW_TO = "docs/how-to"

# Blocks that are not executed here, by page and how they start, and why.
NOT_EXECUTED = {
    ("README.md", "python3 -m venv"): "they install plexctl; .ci/check executes them as they stand",
    ("README.md", "pipx install"): "they install plexctl for the user; .ci/release installs in environments of its own",
    (f"{HOW_TO}/point-at-a-real-plexsphere.md", "(umask 077 && cat > token)"): "it waits for somebody to paste a token",
    (f"{HOW_TO}/point-at-a-real-plexsphere.md", "plexctl domain list --profile production --verbose"): "the server is "
    "an example",
    (f"{HOW_TO}/run-the-local-plane.md", "systemctl"): "a test must not change its user's services",
    (f"{HOW_TO}/run-in-a-container.md", "docker"): "it downloads an image, and a test must not",
}


def executed(page: Path) -> list[Block]:
    starts = tuple(start for where, start in NOT_EXECUTED if where == name(page))
    return [block for block in blocks(page) if not block.code.startswith(starts)]


PAGES = [page for page in pages() if executed(page)]


def require_tools(code: str) -> None:
    for tool in sorted({"bash", *TOOLS.findall(code)}):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_block_prints_what_its_page_shows(page, tmp_path):
    """A block ends well and prints what the text block after it shows; where there is none, it prints nothing."""
    todo = executed(page)
    require_tools("".join(block.code for block in todo))
    expected, found = Shapes(), Shapes()
    with Shell(tmp_path) as shell:
        for block in todo:
            typed = shell.type(block.code)
            place = f"{name(page)}:{block.line}"
            output = typed.output.replace(str(shell.home), "/home/you")
            assert found(output) == expected(block.shown or ""), place
            assert typed.status == 0, place


def test_exceptions_are_blocks_that_exist():
    for where, start in NOT_EXECUTED:
        assert any(block.code.startswith(start) for block in blocks(ROOT / where)), (where, start)


@pytest.mark.parametrize("heading", ["Try it", "Run the tests"])
def test_ci_runs_the_install_lines_of_the_readme(heading):
    """CI takes the line from under its heading; what it takes is all that stands there."""
    section = (ROOT / "README.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    [line] = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    script = (ROOT / ".ci" / "check").read_text()
    function = re.search(r"^readme_command\(\) \{.*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert function
    taken = subprocess.run(
        ["bash", "-c", f'{function[0]}\nreadme_command "$0"', heading],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert taken.stdout == line
    assert line.count("\n") == 1
    assert f"readme_command '{heading}'" in script


def test_the_first_line_that_a_reader_tries_shows_its_progress():
    section = (ROOT / "README.md").read_text().partition("\n## Try it\n")[2].partition("\n## ")[0]
    assert " install '.[local]' && " in section
    assert not re.search(r"--quiet|\s-q\b|/dev/null", section)


def test_shell_blocks_are_fenced_as_such():
    """A block in another fence, such as console, would escape execution."""
    allowed = {
        "",
        "sh",
        "shell",
        "bash",
        "text",
        "json",
        "yaml",
        "ini",
        "fish",
        "dockerfile",
        "mermaid",
        "proto",
        "python",
    }
    for page in pages():
        fences = re.findall(r"^```(\S+)", page.read_text(), re.MULTILINE)
        assert set(fences) <= allowed, name(page)
