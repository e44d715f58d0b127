"""The page about performance shows the figures of the benchmarks' own page."""

import re

from tests.pages import ROOT

PAGE = (ROOT / "docs" / "explanation" / "performance.md").read_text(encoding="utf-8")
RUN = (ROOT / "tests" / "benchmarks" / "README.md").read_text(encoding="utf-8").partition("SUBJECT")[2]
MEASURES = {"processor time": "cpu", "wall time": "wall", "peak memory": "peak memory"}
MEASURES |= {"file size": "file size", "rate": "rate"}


def measured():
    """Read the run: subject, peer, measure and ratio per line."""
    lines = RUN.partition("\n")[2].partition("```")[0].splitlines()
    return {tuple(re.split(r" {2,}", line)) for line in lines}


def shown():
    """Read the tables of the page, each cell as one measure."""
    headers: list[str] = []
    for line in PAGE.splitlines():
        cells = [cell.replace("`", "").replace("\\|", "|") for cell in re.split(r" (?<!\\)\| ", line.strip("| "))]
        if cells[0] == "subject":
            headers = cells
        elif line.startswith("| ") and headers[1:2] == ["against"] and len(cells) == len(headers):
            for header, cell in zip(headers[2:], cells[2:], strict=True):
                if cell != "-":
                    yield cells[0], cells[1], MEASURES[header], cell


def test_the_page_shows_each_figure_of_the_run():
    assert set(shown()) == measured()
