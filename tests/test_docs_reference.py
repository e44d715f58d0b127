"""docs/reference/ says what the command tree says: docs/generate.py run as anybody would run it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plexctl.topics import TOPICS
from tests.tree import families, leaves, single

ROOT = Path(__file__).parent.parent


def generate(docs: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-B", str(docs / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A copy of the documentation that a test may change, up to date."""
    copy = Path(shutil.copytree(ROOT / "docs", tmp_path / "docs"))
    generate(copy)
    return copy


def test_pages_and_tree_agree():
    done = generate(ROOT / "docs", "--check")
    assert done.stderr == ""
    stale = re.findall(r"^--- (\S+)", done.stdout, re.MULTILINE)
    assert stale == [], "these differ from the command tree: run docs/generate.py"
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(("name", "said"), [("key", "AFFECTED_PEERS"), ("exit-codes", "Ctrl-C (SIGINT)")])
def test_difference_is_shown_and_mended(docs, name, said):
    page = docs / "reference" / f"{name}.md"
    right = page.read_text()
    page.write_text(right.replace(said, "something else"))
    done = generate(docs, "--check")
    assert done.returncode == 1
    assert f"--- docs/reference/{name}.md" in done.stdout
    assert said in done.stdout
    generate(docs)
    assert page.read_text() == right


def test_what_a_page_leaves_to_its_introduction_is_there():
    left_to_it = 0
    for page in (ROOT / "docs" / "reference").glob("*.md"):
        introduction, _, generated = page.read_text().partition("<!-- Generated")
        columns = re.findall(r"^\| `(\w+)` \| computed; see above", generated, re.MULTILINE)
        for section in generated.split("\n## ")[1:]:
            if "the introduction of this page shows it" in section:
                columns.append(section.split("\n")[0].split(" ")[-1])
        assert [name for name in columns if not re.search(rf"\b{name}\b", introduction)] == [], page.name
        left_to_it += len(columns)
    assert left_to_it > 10


def test_an_option_with_the_name_of_a_global_flag_has_not_its_variable():
    page = (ROOT / "docs" / "reference" / "support.md").read_text()
    assert "| `--output PATH` | yes | - | - |" in page


def test_introduction_is_kept(docs):
    page = docs / "reference" / "peer.md"
    page.write_text(page.read_text().replace("# plexctl peer\n", "# plexctl peer\n\nWritten by hand.\n"))
    assert generate(docs, "--check").returncode == 0
    generate(docs)
    assert "Written by hand.\n" in page.read_text()


def test_missing_page_is_a_difference_and_is_made(docs):
    page = docs / "reference" / "mesh.md"
    page.unlink()
    assert generate(docs, "--check").returncode == 1
    generate(docs)
    assert page.read_text().startswith(f"# plexctl mesh\n\n{families()['mesh'].help}\n\n<!-- Generated")


def test_there_is_a_page_for_each_family_and_topic_and_no_other():
    pages = {page.stem for page in (ROOT / "docs" / "reference").iterdir()}
    wanted = {*families(), *single(), *TOPICS, "api-differences", "configuration", "README"}
    assert wanted - pages == set(), "docs/reference/ has no page for these: run docs/generate.py"
    assert pages - wanted == set(), "docs/reference/ has a page for these, which are not in the tree: delete it"


def test_every_leaf_has_a_section(docs):
    for place in leaves():
        if place.name != "help":
            page = (docs / "reference" / f"{place.words[0]}.md").read_text()
            assert f"\n## plexctl {place.name}\n" in page


def test_both_tables_of_key_rotate_are_there():
    page = (ROOT / "docs" / "reference" / "key.md").read_text()
    for header in ("ROTATION_ID", "AFFECTED_PEERS", "ETA_SECONDS"):
        assert f"| `{header}` |" in page
