"""Cases that share one test: each is tried, and a failure names its own."""

import pytest

from tests.each import each


def test_every_case_is_tried_and_each_failure_tells_its_values(tmp_path):
    tried = []

    @each(("number", "text"), [(1, "a"), (2, "b"), (3, "c")])
    def odd(tmp_path, number, text):
        tried.append((tmp_path, number, text))
        assert number == 2, "not two"

    with pytest.raises(ExceptionGroup, match="2 of 3 cases failed") as caught:
        odd(tmp_path=tmp_path)
    assert tried == [(tmp_path, 1, "a"), (tmp_path, 2, "b"), (tmp_path, 3, "c")]
    notes = [error.__notes__ for error in caught.value.exceptions]
    assert [note for (note,) in notes] == [
        f"in the case {{'number': {n}, 'text': '{t}'}}" for n, t in ((1, "a"), (3, "c"))
    ]


@each("number", range(3))
def test_a_fixture_comes_from_pytest_and_a_value_from_the_cases(tmp_path, number):
    assert tmp_path.is_dir()
    assert number in range(3)


def test_no_case_is_a_mistake():
    with pytest.raises(AssertionError, match="no case"):
        each("number", [])
