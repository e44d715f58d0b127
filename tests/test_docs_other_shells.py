"""The tutorials in zsh and fish: their blocks as they stand, and the variants of the pages where fish differs."""

import re
import shutil

import pytest

from tests.long_mode import pick
from tests.pages import ROOT, Block, Shapes, blocks, name
from tests.shell import FISH, ZSH, Shell
from tests.test_docs_shell import require_tools

PAGES = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
VARIANT = re.compile(r"^In place of `([^`]+)`:\n\n```fish\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Here-documents, ${…}, $(( )), and assignments on a line of their own, which fish has not.
ONLY_IN_BASH = re.compile(r"<<|\$\{|\$\(\(|^[A-Z_]+=(?:\$\([^()]*(?:\([^()]*\)[^()]*)*\)|[^\s$]*)$", re.MULTILINE)
PLAYED = [page for page in PAGES if page.stem in pick({"enrol-your-first-node"}, {page.stem for page in PAGES})]


def variants(page) -> dict[str, str]:
    return dict(VARIANT.findall(page.read_text(encoding="utf-8")))


def in_fish(block: Block, found: dict[str, str]) -> str:
    fitting = [code for start, code in found.items() if block.code.startswith(start)]
    return fitting[0] if fitting else block.code.replace("$?", "$status")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_block_that_differs_in_fish_has_a_variant_and_no_other(page):
    found = variants(page)
    written = list(blocks(page))
    for start in found:
        assert len([block for block in written if block.code.startswith(start)]) == 1, start
    for block in written:
        differs = bool(ONLY_IN_BASH.search(block.code))
        assert differs == any(block.code.startswith(start) for start in found), block.code
        assert not ONLY_IN_BASH.search(in_fish(block, found)), block.code


@pytest.mark.parametrize("kind", [ZSH, FISH], ids=["zsh", "fish"])
@pytest.mark.parametrize("page", PLAYED, ids=name)
def test_each_block_of_a_tutorial_prints_in_another_shell_what_the_page_shows(page, kind, tmp_path):
    if not shutil.which(kind.command[0]):
        pytest.skip(f"{kind.command[0]} is not installed")
    todo = list(blocks(page))
    require_tools("".join(block.code for block in todo))
    found, expected, given = Shapes(), Shapes(), variants(page)
    with Shell(tmp_path, kind) as shell:
        for block in todo:
            typed = shell.type(in_fish(block, given) if kind is FISH else block.code)
            place = f"{kind.command[0]}: {name(page)}:{block.line}"
            output = typed.output.replace(str(shell.home), "/home/you")
            assert found(output) == expected(block.shown or ""), place
            assert typed.status == 0, place
