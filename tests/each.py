"""Many small cases in one test, where pytest would take longer over a case than the case itself takes."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def each(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run the test for every case, as `pytest.mark.parametrize` does, but with one set of fixtures for all.

    A test fails with every case that failed, each with its values.
    """
    arguments = names if isinstance(names, tuple) else (names,)
    rows = [_values(case, are_many=isinstance(names, tuple)) for case in cases]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            failures = [failure for row in rows if (failure := _failure(test, fixtures, arguments, row))]
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(rows)} cases failed", failures)

        signature = inspect.signature(test)
        fixtures = [one for name, one in signature.parameters.items() if name not in arguments]
        vars(run)["__signature__"] = signature.replace(parameters=fixtures)
        return run

    assert rows, "there is no case to try"
    return decorate


def _values(case: Any, *, are_many: bool) -> tuple[Any, ...]:
    if isinstance(case, type(pytest.param())):
        return tuple(case.values)
    return tuple(case) if are_many else (case,)


def _failure(
    test: Callable[..., None], fixtures: dict[str, Any], names: tuple[str, ...], values: tuple[Any, ...]
) -> Exception | None:
    case = dict(zip(names, values, strict=True))
    try:
        test(**fixtures, **case)
    except Exception as error:  # noqa: BLE001  whatever it is, the other cases are to be tried, too
        error.add_note(f"in the case {case}")
        return error
    return None
