"""Stopping a plane that does not stop, or that cannot be told to; and a start whose plane ends at once."""

import errno
import os
import signal

import pytest

from plexctl.local import holder, process, state
from plexctl.local.plane_error import PlaneError
from plexctl.local.running import Launch
from plexctl.local.state_file import StateFile
from tests.local.processes import FREE, default_directory, failed
from tests.stalls import site
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture
def held(tmp_path):
    """A directory that this process has."""
    file = StateFile(tmp_path)
    file.take()
    yield tmp_path
    file.release()


def test_a_plane_that_does_not_stop_is_killed(tmp_path, monkeypatch):
    plane = process.start(Launch(str(tmp_path), 0, 0, {"cheap_hashes": True}))
    os.kill(plane.pid, signal.SIGSTOP)
    send, sent = holder.send, []

    def note(pid, born, number):
        sent.append(number)
        monkeypatch.setattr(process, "STOP_SECONDS", PATIENCE_SECONDS if number == signal.SIGKILL else 0.0)
        return send(pid, born, number)

    monkeypatch.setattr(holder, "send", note)
    assert process.stop(tmp_path)
    assert sent == [signal.SIGTERM, signal.SIGKILL]
    assert not state.is_in_use(tmp_path)


def test_a_directory_that_stays_in_use_is_an_error(held, monkeypatch):
    monkeypatch.setattr(holder, "send", lambda *_: True)
    monkeypatch.setattr(process, "STOP_SECONDS", 0.0)
    with pytest.raises(PlaneError, match=r"has not stopped within 0\.0 s"):
        process.stop(held)


def test_a_process_that_must_not_be_signalled_is_named(held, monkeypatch):
    def forbidden(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(holder, "send", forbidden)
    with pytest.raises(PlaneError, match=f"process {os.getpid()} cannot be stopped: Operation not permitted"):
        process.stop(held)


ENDS_AT_ONCE = """
import os, sys
if "plexctl.local" in " ".join(sys.orig_argv):
    os._exit(7)
"""


def test_a_plane_that_ends_before_it_answers_is_an_error_that_names_its_log(local, tmp_path):
    outcome = local(f"local start {FREE}", **site(tmp_path / "site", ENDS_AT_ONCE))
    failed(outcome, "the plane ended, or took too long to answer", str(default_directory(local) / "plane.log"))
