"""What a machine can check of the project's words: docstrings, suppressions, and expressions that readers stumble over.

Each rule is a function from a text to the offences in it, and is tried on an offence first.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.each import each
from tests.pages import ROOT

GENERATED = ROOT / "plexctl" / "signing" / "v1"
SOURCES = sorted(
    path
    for path in [*(ROOT / "plexctl").rglob("*.py"), *(ROOT / "docs").glob("*.py"), ROOT / "hatch_build.py"]
    if GENERATED not in path.parents and path.name != "_stamp.py"
)
PAGES = sorted(
    [*(ROOT / f"{page}.md" for page in ("README", "CONTRIBUTING", "SECURITY")), *(ROOT / "docs").rglob("*.md")]
)

# "one line a request": say "one line per request".
UNITS = (
    "attempt|call|command|day|directory|Domain|edge|family|file|hour|leaf|line|minute|name|Node|operation|page|Peer|plane"
    "|Project|request|row|run|scope|second|step|tenant|test|thread|token|transaction|value"
)
COUNTS = r"(?<!which )one|two|three|[0-9][0-9,]*"
COUNTED = "attempts|bytes|columns|items|keys|lines|methods|nodes|requests|rows|times|tokens"
NOT_COUNTED = "as|at|by|for|from|gets|has|in|is|names|needs|of|on|requires|than|to|with"
PER = re.compile(
    rf"\b(?:(?:{COUNTS})(?: (?!(?:{NOT_COUNTED})\b)[a-z-]+)?|(?:{COUNTED})|an? (?:line|method|row)) an? (?:{UNITS})\b",
    re.IGNORECASE,
)

# What only its author understands, and what to say.
METAPHORS = {
    "door": "entry point",
    "sign of life": "heartbeat",
    "told": "informed, given",
    "dear": "slow, large",
    "lest": "so that … not",
    "mends?": "fix",
    "by a hair": "slightly earlier",
    "comes? at once": "concurrent",
    "requests in hand": "running requests",
    "is none of": "is not",
    "what is no(?:ne)?": "what is not",
}
METAPHOR = re.compile(rf"\b(?:{'|'.join(METAPHORS)})\b", re.IGNORECASE)

# `Raises: Refusal(token_consumed) where …; ValueError.`
RAISES = re.compile(r"\n\nRaises: (?P<errors>[^\n]+(?:\n[^\n]+)*)\.\Z")
ERROR = re.compile(r"(?:[a-z_0-9]+\.)*[A-Z]\w+(?:\([a-z0-9_.,\s]+\))?(?=[,\s]|\Z)(?! \()")
OTHER_RAISES = re.compile(r"\bRaises\b(?!:)|; raises\b|\bRaises:(?=.*\bRaises:)", re.DOTALL)

SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b.*")
WITH_REASON = re.compile(
    r"(?:# noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*  |# type: ignore\[[a-z-]+(?:, [a-z-]+)*\]  # )(?P<reason>\S.*)"
)
NO_REASON = re.compile(r"(?:as|see) (?:above|below|before)|ditto|likewise|the same", re.IGNORECASE)


def prose(text: str) -> str:
    """Join the lines of a text, and the parts of strings and comments that go over several."""
    joined = re.sub(r"[\"']\n\s*f?[\"']", "", text)
    return re.sub(r"\s*\n\s*(?:# ?)?", " ", joined)


def without_per(text: str) -> Iterator[str]:
    return (found[0] for found in PER.finditer(prose(text)))


def metaphors(text: str) -> Iterator[str]:
    return (found[0] for found in METAPHOR.finditer(prose(text)))


def suppressions_without_reason(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        found = SUPPRESSION.search(token.string) if token.type == tokenize.COMMENT else None
        given = WITH_REASON.fullmatch(found[0]) if found else None
        if found and (given is None or NO_REASON.search(given["reason"])):
            yield found[0]


def docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def raises_in_another_form(source: str) -> Iterator[str]:
    for docstring in docstrings(source):
        if OTHER_RAISES.search(docstring):
            yield docstring
        elif "Raises:" in docstring:
            found = RAISES.search(docstring)
            if found is None or not all(map(ERROR.match, re.split(r";\s", found["errors"]))):
                yield docstring


def check(paths: list[Path], rule: Callable[[str], Iterator[str]]) -> None:
    offences = {
        str(path.relative_to(ROOT)): found for path in paths if (found := list(rule(path.read_text(encoding="utf-8"))))
    }
    assert offences == {}


OFFENCES = [
    (without_per, "Print one line a request."),
    (without_per, "# one row\n# a leaf"),
    (without_per, '"Items a "\n    "page."'),
    (without_per, "a method an operation"),
    (without_per, "three attempts a request"),
    (metaphors, "the one door into the plane"),
    (metaphors, "a sign of\nlife"),
    (metaphors, "An answer to what is no HTTP"),
    (suppressions_without_reason, "x = 1  # noqa: E501"),
    (suppressions_without_reason, "x = 1  # noqa"),
    (suppressions_without_reason, "x = 1  # type: ignore[misc]"),
    (suppressions_without_reason, "x = 1  # type: ignore  # untyped"),
    (suppressions_without_reason, "x = 1  # type: ignore[misc]  # as above"),
    (suppressions_without_reason, "x = 1  # noqa: E501  likewise"),
    (raises_in_another_form, '"""Read it. Raises: OSError."""'),
    (raises_in_another_form, '"""Read it.\n\nRaises OSError.\n"""'),
    (raises_in_another_form, '"""Read it; raises OSError."""'),
    (raises_in_another_form, '"""Read it.\n\nRaises: OSError\n"""'),
    (raises_in_another_form, '"""Read it.\n\nRaises: Failure (usage).\n"""'),
    (raises_in_another_form, '"""Read it.\n\nRaises: OSError; a failure.\n"""'),
    (raises_in_another_form, '"""Read it.\n\nRaises: OSError.\n\nIt is a file.\n"""'),
]
ALLOWED = [
    (without_per, "Log one line per request. A request has one page. Two of a Node's keys. Which one a Node has."),
    (metaphors, "Open the file. The outdoor unit."),
    (suppressions_without_reason, "x = 1  # noqa: E501  the name of a method of gRPC"),
    (suppressions_without_reason, "x = 1  # type: ignore[misc, override]  # generated code is untyped"),
    (suppressions_without_reason, "x = '# noqa'"),
    (
        raises_in_another_form,
        '"""Read it.\n\nRaises: Refusal(gone, here) where it is gone; sqlite3.Error; Refusal(rule.malformed).\n"""',
    ),
    (
        raises_in_another_form,
        '"""Read it.\n\nRaises: Refusal(gone,\nhere), and those of `read`; OSError with\na name.\n"""',
    ),
    (raises_in_another_form, '"""Raise the exception that ends the run."""'),
]


@each(("rule", "text"), OFFENCES)
def test_a_rule_finds_an_offence(rule, text):
    assert list(rule(text)) != []


@pytest.mark.parametrize(("rule", "text"), ALLOWED)
def test_a_rule_finds_nothing_else(rule, text):
    assert list(rule(text)) == []


def test_a_rate_is_written_with_per():
    check([*SOURCES, *PAGES], without_per)


def test_no_text_has_a_private_metaphor():
    check([*SOURCES, *PAGES], metaphors)


def test_every_suppression_has_a_reason_of_its_own():
    check(SOURCES, suppressions_without_reason)


def test_every_rule_switched_off_has_a_reason():
    lint = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.ruff.lint]")[2]
    lines = re.findall(r'^ +"[A-Z]+[0-9]*",.*|^"[^"]+" = \[".*', lint, re.MULTILINE)
    assert lines
    assert [line for line in lines if not re.search(r"# \S", line)] == []


def test_every_docstring_says_in_one_form_and_last_what_is_raised():
    check(SOURCES, raises_in_another_form)
