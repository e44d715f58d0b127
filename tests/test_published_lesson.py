"""The published lesson "Enrol your first Node", its bash blocks typed as they stand.

Only what needs the learner's own cluster differs: the log-in, and the query for the Domain's id.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests import published
from tests.pages import Shapes
from tests.shell import Shell

TITLE = "Enrol your first Node"
LOG_IN = 'plexctl local start >/dev/null 2>&1 && eval "$(plexctl local env)"'
QUERY = re.compile(r"\$\(kubectl exec .*?slug='acme-corp'\"\)", re.DOTALL)
DOMAIN = "$(plexctl domain get acme-corp --output json | jq -r .id)"

# The page has lost its fences: a block starts below the word bash, and the word text, or prose, follows without a gap.
BLOCK = re.compile(
    r"^bash\n(?P<code>.*?)(?:(?P<shown>text\n)|(?<=\))(?=[A-Z]))(?P<rest>.*?)(?=^bash\n|\Z)", re.MULTILINE | re.DOTALL
)
PLACEHOLDERS = (
    (re.compile(r"psb_dev_…_node_…|<token 1>"), "<token>"),
    (re.compile(r"<timestamp>"), "<time>"),
    (re.compile(r"<(?:id \d+|token-uuid|peer-uuid|rotation-uuid)>"), "<id>"),
)


class Block(NamedTuple):
    code: str
    shown: str | None


def lesson() -> Iterator[Block]:
    [page] = [page for page in published.LESSON.iterdir() if f"\n{TITLE}\n" in page.read_text(encoding="utf-8")]
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield Block(found["code"], found["rest"] if found["shown"] else None)


def shape(text: str) -> str:
    """Forget ids, times and how the text is laid out, which the page does not keep."""
    text = Shapes()(text)
    for placeholder, kind in PLACEHOLDERS:
        text = placeholder.sub(kind, text)
    return " ".join(text.split())


def test_the_published_lesson_shows_what_plexctl_prints(tmp_path: Path):
    published.require()
    blocks = list(lesson())
    assert len(blocks) == 13
    assert sum(bool(QUERY.search(block.code)) for block in blocks) == 1
    with Shell(tmp_path) as shell:
        shell.type(LOG_IN)
        for block in blocks:
            typed = shell.type(QUERY.sub(DOMAIN, block.code))
            assert typed.status == 0, typed.output
            if block.shown is None:
                assert typed.output == "", block.code
            else:
                assert typed.output, block.code
                found, shown = shape(typed.output), shape(block.shown)
                assert shown.startswith(found), block.code
                assert re.match(r" ?[A-Z][a-z0-9]* ", shown.removeprefix(found)), (
                    block.code
                )  # prose: the output is whole
