"""What each leaf prints, in each format, against the files in golden/: a change of output is seen in review.

UPDATE_GOLDEN=1 rewrites the files.
"""

import json
import os
from pathlib import Path

import pytest
import yaml

from tests.golden import walk
from tests.samples import FORMATS
from tests.tree import leaves

GOLDEN = Path(__file__).parent / "golden"
LEAVES = {"-".join(placed.words) for placed in leaves() if placed.words[0] not in {"help", "local"}}
STEPS = sorted(LEAVES | {"key-rotate-dry-run", "key-rotate-again"})


@pytest.fixture(scope="module")
def walks(tmp_path_factory):
    return {output: walk(tmp_path_factory.mktemp(output), output) for output in FORMATS}


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("step", STEPS)
def test_a_leaf_prints_what_it_printed_before(walks, step, output):
    outcome = walks[output][step]
    assert (outcome.code, outcome.stderr) == (0, "")
    file = GOLDEN / f"{step}.{output}"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(outcome.stdout, encoding="utf-8")
    assert outcome.stdout == file.read_text(encoding="utf-8")


def test_every_leaf_has_a_file_in_each_format_and_no_file_is_left_over(walks):
    assert {file.name for file in GOLDEN.iterdir()} == {f"{step}.{output}" for step in STEPS for output in FORMATS}
    assert all(set(walks[output]) == set(STEPS) for output in FORMATS)


@pytest.mark.parametrize("step", STEPS)
def test_json_and_yaml_say_the_same(walks, step):
    written = walks["json"][step].stdout
    assert (json.loads(written) if written else None) == yaml.safe_load(walks["yaml"][step].stdout)
