import dataclasses
import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from plexctl.local.control.base import outbox, schedule
from plexctl.local.control.base.schedule import Schedule
from plexctl.local.control.mesh.key_rotation import RotateKeys
from plexctl.local.control.worker import HANDLERS, Worker, deliver_due
from plexctl.local.sources import system_sources
from tests.local.database import TOLD
from tests.waiting import eventually

SECOND = 1_000_000


def promise(world, node_id, delay=0):
    with world.control.write(None) as tx:
        tx.promise(RotateKeys(node_id, "a rotation"), delay)


def told(world, node_id):
    return [kind for (kind,) in world.all(f"SELECT kind FROM ({TOLD}) WHERE node_id = ?", node_id)]


@pytest.fixture
def worker(control):
    worker = Worker(control)
    yield worker
    worker.stop()


def test_work_is_done_when_due_and_once(world, clock):
    world.control = dataclasses.replace(world.control, schedule=Schedule(lambda: 7.0))
    node_id = world.node("10.50.0.1")
    promise(world, node_id, delay=SECOND)
    assert outbox.deliver_due(world.control, HANDLERS) == (0, 1)
    clock.advance(SECOND)
    assert outbox.deliver_due(world.control, HANDLERS) == (1, None)
    assert outbox.deliver_due(world.control, HANDLERS) == (0, None)
    assert told(world, node_id) == ["rotate_keys"]


def test_a_promise_is_undone_with_its_transaction(world):
    node_id = world.node("10.50.0.1")

    def promise_and_fail():
        with world.control.write(None) as tx:
            tx.promise(RotateKeys(node_id, "a rotation"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        promise_and_fail()
    assert deliver_due(world.control) == 0


@pytest.mark.parametrize("step", [0, -SECOND, -7200 * SECOND])
def test_a_row_that_fails_is_logged_and_retried_later_while_others_are_delivered(world, clock, caplog, step):
    now = [7.0]
    world.control = dataclasses.replace(world.control, schedule=Schedule(lambda: now[0]))
    node_id = world.node("10.50.0.1")
    world.execute("INSERT INTO outbox (kind, payload, created_at) VALUES ('no such kind', '{}', 0)")
    promise(world, node_id)
    with caplog.at_level(logging.ERROR, "plexctl.local"):
        assert outbox.deliver_due(world.control, HANDLERS) == (1, schedule.RETRY_DELAY_SECONDS)
    assert "no such kind" in caplog.text
    assert told(world, node_id) == ["rotate_keys"]
    repaired = json.dumps({"node_id": node_id, "rotation_id": "another"})
    world.execute("UPDATE outbox SET kind = 'rotate_keys', payload = ? WHERE delivered_at IS NULL", repaired)
    clock.advance(step)
    now[0] += schedule.RETRY_DELAY_SECONDS - 1
    assert deliver_due(world.control) == 0
    now[0] += 1
    assert deliver_due(world.control) == 1
    assert told(world, node_id) == ["rotate_keys", "rotate_keys"]


def test_half_done_work_is_undone(world):
    node_id = world.node("10.50.0.1", anchored=False)
    world.execute("INSERT INTO psks VALUES (?, 7, 'kid', 1, x'00', 0, NULL)", node_id)
    assert deliver_due(world.control) == 0
    assert world.all("SELECT * FROM peers") == []
    assert world.one("SELECT count(*) FROM outbox WHERE delivered_at IS NULL") == (1,)


def test_deliverers_at_once_do_each_work_once(world):
    node_id = world.node("10.50.0.1")
    for _ in range(40):
        promise(world, node_id)
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: deliver_due(world.control), range(4)))
    assert sum(counts) == 40
    assert len(told(world, node_id)) == 40


def test_the_worker_starts_with_what_was_left_waiting(world, worker):
    node_id = world.node("10.50.0.1", anchored=False)
    worker.start()
    eventually(lambda: world.all("SELECT * FROM peers WHERE node_id = ?", node_id))


def test_the_worker_wakes_for_new_work_and_not_before_it_is_due(world, worker, clock):
    node_id = world.node("10.50.0.1")
    worker.start()
    promise(world, node_id, delay=3600 * SECOND)
    promise(world, node_id)
    worker.wake()
    eventually(lambda: told(world, node_id))
    assert told(world, node_id) == ["rotate_keys"]
    clock.advance(3600 * SECOND)
    worker.wake()
    eventually(lambda: len(told(world, node_id)) == 2)


def test_the_worker_outlives_a_database_that_cannot_be_read(world, worker, caplog, monkeypatch):
    monkeypatch.setattr("plexctl.local.control.worker._WAIT_AFTER_FAILURE_SECONDS", 0.01)
    node_id = world.node("10.50.0.1")
    promise(world, node_id)
    world.execute("ALTER TABLE outbox RENAME TO elsewhere")
    worker.start()
    eventually(lambda: "could not be read" in caplog.text)
    world.execute("ALTER TABLE elsewhere RENAME TO outbox")
    eventually(lambda: told(world, node_id))  # nobody wakes it


def test_the_worker_looks_again_a_second_after_a_failure(world):
    world.execute("ALTER TABLE outbox RENAME TO elsewhere")
    assert Worker(world.control)._work() == 1.0


def test_the_worker_waits_no_longer_than_until_the_next_row_is_due(world):
    promise(world, world.node("10.50.0.1"), delay=2 * SECOND)
    assert 0 < Worker(world.control)._work() <= 2.0


def test_the_worker_looks_again_within_a_minute_in_case_the_clock_was_set_ahead(world):
    promise(world, world.node("10.50.0.1"), delay=3600 * SECOND)
    assert Worker(world.control)._work() == 60.0


def test_the_worker_rests_once_all_is_done(world, worker):
    worker.start()
    node_id = world.node("10.50.0.1", anchored=False)
    worker.wake()
    eventually(lambda: world.all("SELECT * FROM peers WHERE node_id = ?", node_id))
    assert Worker(world.control)._work() == 60.0


def test_the_worker_wakes_by_itself_when_work_falls_due(world):
    node_id = world.node("10.50.0.1")
    control = dataclasses.replace(world.control, clock=system_sources().now)
    with control.write(None) as tx:
        tx.promise(RotateKeys(node_id, "a rotation"), SECOND // 10)
    worker = Worker(control)
    worker.start()
    try:
        eventually(lambda: told(world, node_id))
    finally:
        worker.stop()


def test_who_comes_second_to_a_row_does_nothing(world, caplog):
    node_id = world.node("10.50.0.1")
    promise(world, node_id)
    row = outbox._survey(world.control).due
    assert row
    assert [outbox._deliver(world.control, HANDLERS, row) for _ in range(2)] == [True, False]
    assert told(world, node_id) == ["rotate_keys"]
    assert caplog.text == ""
