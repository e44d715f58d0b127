"""What each leaf prints, in each format, against the files in golden/: a change of output is seen in review.

UPDATE_GOLDEN=1 rewrites the files.
"""

import json
import os
from pathlib import Path

import pytest
import yaml

from tests.command import Outcome
from tests.golden import walk
from tests.samples import FORMATS
from tests.tree import leaves

GOLDEN = Path(__file__).parent / "golden"
LEAVES = {"-".join(placed.words) for placed in leaves() if placed.words[0] not in {"help", "local", "completion"}}
STEPS = sorted(LEAVES | {file.stem for file in GOLDEN.iterdir()})
UPDATE = "run UPDATE_GOLDEN=1 python -m pytest -n 0 tests/test_golden.py"


@pytest.fixture(scope="module")
def walks(once, tmp_path_factory):
    made = once("walks", lambda: {output: walk(tmp_path_factory.mktemp(output), output) for output in FORMATS})
    found = {output: {step: Outcome(*outcome) for step, outcome in steps.items()} for output, steps in made.items()}
    if os.environ.get("UPDATE_GOLDEN"):
        _rewrite(found)
    return found


def _rewrite(walks):
    for file in GOLDEN.iterdir():
        file.unlink()
    for output, outcomes in walks.items():
        for step, outcome in outcomes.items():
            (GOLDEN / f"{step}.{output}").write_text(outcome.stdout, encoding="utf-8")


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("step", STEPS)
def test_a_leaf_prints_what_it_printed_before(walks, step, output):
    assert step in walks[output], f"tests/golden.py: the walk has no step {step!r}: run the command there and yield it"
    outcome = walks[output][step]
    assert (outcome.code, outcome.stderr) == (0, ""), outcome.stderr
    file = GOLDEN / f"{step}.{output}"
    assert file.exists(), f"tests/golden/{file.name} is missing: {UPDATE}"
    assert outcome.stdout == file.read_text(encoding="utf-8"), f"tests/golden/{file.name} differs: if meant, {UPDATE}"


@pytest.mark.parametrize("output", FORMATS)
def test_every_step_has_a_file(walks, output):
    missing = [step for step in walks[output] if not (GOLDEN / f"{step}.{output}").exists()]
    assert missing == [], f"tests/golden/ has no .{output} file for these: {UPDATE}"


@pytest.mark.parametrize("step", STEPS)
def test_json_and_yaml_say_the_same(walks, step):
    if step in walks["json"] and step != "config-view":  # which shows the format itself
        written = walks["json"][step].stdout
        assert (json.loads(written) if written else None) == yaml.safe_load(walks["yaml"][step].stdout)
