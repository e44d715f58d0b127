"""What the tests make once in a whole run is made again only where it failed."""

import pytest

from tests.once import once_in


def test_what_is_made_is_kept_for_every_worker_and_a_failure_is_not(tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(tmp_path_factory, "getbasetemp", lambda: tmp_path / "worker")
    calls: list[int] = []

    def make():
        calls.append(len(calls))
        if len(calls) == 1:
            raise LookupError
        return {"call": len(calls)}

    first, second = (once_in(tmp_path_factory, has_workers=True) for _ in range(2))
    with pytest.raises(LookupError):
        first("thing", make)
    assert [second("thing", make), first("thing", make)] == [{"call": 2}] * 2
    assert first("another thing", lambda: 1) == 1
