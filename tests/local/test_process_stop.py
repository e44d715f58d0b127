"""Stopping a plane that does not stop, or that cannot be told to; and a start whose plane ends at once."""

import os
import signal
from contextlib import contextmanager

import pytest

from plexctl.local import data_directory, process, running
from plexctl.local.data_directory import Lock
from plexctl.local.plane_error import PlaneError
from plexctl.local.running import Launch, Running
from tests.local.processes import FREE, default_directory, failed
from tests.stalls import site
from tests.waiting import PATIENCE_SECONDS

NOBODY = 2**22 + 1  # above every process id that Linux gives


@contextmanager
def locked(directory):
    lock = Lock(directory)
    lock.acquire()
    yield
    lock.release()


def test_a_plane_that_does_not_stop_is_killed(tmp_path, monkeypatch):
    plane = process.start(Launch(str(tmp_path), 0, 0, {"cheap_hashes": True}))
    os.kill(plane.pid, signal.SIGSTOP)
    end = process._end

    def impatient(directory, plane, number):
        seconds = 0.1 if number == signal.SIGTERM else PATIENCE_SECONDS
        monkeypatch.setattr(process, "STOP_SECONDS", seconds)
        return end(directory, plane, number)

    monkeypatch.setattr(process, "_end", impatient)
    assert process.stop(tmp_path)
    assert not data_directory.is_in_use(tmp_path)


def test_a_directory_that_stays_in_use_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    with locked(tmp_path), pytest.raises(PlaneError, match=r"has not stopped within 0\.2 s"):
        process.stop(tmp_path)


def test_a_process_that_is_not_there_cannot_be_told_to_stop(tmp_path):
    plane = Running("http://127.0.0.1:1", "127.0.0.1:1", str(tmp_path), NOBODY, "2026-05-01T12:00:00Z", ephemeral=False)
    (tmp_path / data_directory.STATE).write_text(running.encode(plane))
    with locked(tmp_path), pytest.raises(PlaneError, match=f"process {NOBODY} cannot be stopped: No such process"):
        process.stop(tmp_path)


ENDS_AT_ONCE = """
import os, sys
if "plexctl.local" in " ".join(sys.orig_argv):
    os._exit(7)
"""


def test_a_plane_that_ends_before_it_answers_is_an_error_that_names_its_log(local, tmp_path):
    outcome = local.child(f"local start {FREE}", **site(tmp_path / "site", ENDS_AT_ONCE))
    failed(outcome, "the plane ended, or took too long to answer", str(default_directory(local) / "plane.log"))
