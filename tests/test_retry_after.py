"""Retry-After, in seconds and as a date (RFC 9110, section 10.2.3)."""

from email.utils import formatdate

import pytest

from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, LIST
from tests.stalls import MovedClock

FINE = answer(200, EMPTY_PAGE)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retry_after_in_seconds_takes_the_place_of_one_wait(against, server, waits, status):
    server.play(answer(status, headers={"Retry-After": "7"}), answer(status), FINE)
    assert against(LIST).code == 0
    assert waits == [7, 0.8]


def test_retry_after_as_a_date_is_waited_for(against, server, waits, monkeypatch):
    monkeypatch.setattr("plexctl.clients.http.time.time", lambda: 1_780_000_000.25)
    server.play(answer(503, headers={"Retry-After": formatdate(1_780_000_010, usegmt=True)}), FINE)
    assert against(LIST).code == 0
    assert waits == [9.75]


@pytest.mark.parametrize("value", ["0", "Thu, 01 Jan 1970 00:00:01 GMT", "Sun Nov  6 08:49:37 1994"])
def test_retry_after_in_the_past_is_no_wait(against, server, waits, value):
    server.play(answer(503, headers={"Retry-After": value}), FINE)
    assert against(LIST).code == 0
    assert waits == [0]


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "1.5", "1e3", "٣", "Mon, 99 Foo 2026 99:99:99 GMT", ",,,", f"Mon, {'9' * 20} Jan 2026 00:00:00"],
)
def test_retry_after_that_says_nothing_is_passed_over(against, server, waits, value):
    server.play(answer(503, headers={"Retry-After": value}), FINE)
    assert against(LIST).code == 0
    assert waits == [0.2]


@pytest.mark.parametrize(
    "value", ["6", "3600", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -0000"]
)
def test_retry_after_beyond_the_deadline_fails_at_once_with_the_answer(against, server, waits, value, monkeypatch):
    monkeypatch.setattr("plexctl.clients.deadline.time", MovedClock())  # the answer itself takes no time
    server.play(answer(503, {"title": "Busy", "status": 503, "code": "busy"}, headers={"Retry-After": value}))
    outcome = against(f"{LIST} --timeout 5s -o json")
    assert (outcome.code, outcome.error["status"], outcome.error["code"]) == (1, 503, "busy")
    assert (len(server.requests), waits) == (1, [])
