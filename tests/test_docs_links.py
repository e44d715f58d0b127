"""Every link between the project's pages leads somewhere."""

import re

from tests.each import each
from tests.pages import ROOT, pages

LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)

PAGES = [*pages(), *(ROOT / f"{page}.md" for page in ("CHANGELOG", "CONTRIBUTING", "SECURITY"))]


def anchors(page):
    """Name the headings as web views of a repository do."""
    headings = HEADING.findall(FENCE.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each("page", PAGES)
def test_every_link_leads_to_a_page_and_a_heading(page):
    for target, anchor in LINK.findall(FENCE.sub("", page.read_text())):
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), f"{target}#{anchor}"


def test_every_page_is_in_an_index():
    indexes = [ROOT / "docs" / "README.md", ROOT / "docs" / "reference" / "README.md"]
    reached = {
        (index.parent / target).resolve()
        for index in indexes
        for target, _ in LINK.findall(index.read_text())
        if target
    }
    assert {page for page in pages() if page.name != "README.md"} <= reached
