"""Turns go to whoever has waited longest, and a wait that is given up holds up nobody."""

import threading

import pytest

from plexctl.local import store
from plexctl.local.store import StorageError
from plexctl.local.turns import Turns
from tests.waiting import PATIENCE_SECONDS, eventually


def test_turns_come_in_the_order_in_which_they_were_asked_for():
    turns, seen, threads = Turns(), [], []

    def waiting():
        return len(turns._waiting)

    def write(number):
        with turns.take(PATIENCE_SECONDS):
            seen.append(number)

    with turns.take(0):
        for number in range(20):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            eventually(waiting, (number + 1).__eq__)
    for thread in threads:
        thread.join()
    assert seen == list(range(20))


def test_one_thread_at_a_time_has_a_turn():
    turns, inside, most = Turns(), [], []

    def write():
        for _ in range(200):
            with turns.take(PATIENCE_SECONDS):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert len(most) == 8 * 200


def test_a_wait_that_is_given_up_holds_up_nobody():
    turns = Turns()
    with turns.take(0), pytest.raises(TimeoutError), turns.take(0.01):
        pass
    with pytest.raises(ZeroDivisionError), turns.take(0):
        raise ZeroDivisionError
    with turns.take(0):
        pass


def test_health_gives_up_on_writers_that_keep_the_database(control, monkeypatch):
    monkeypatch.setattr(store, "PROBE_BUSY_SECONDS", 0.01)
    with control.store.write(), pytest.raises(StorageError, match="other writers have kept the database"):
        control.store.probe()
    control.store.probe()
