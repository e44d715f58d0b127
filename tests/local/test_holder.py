"""Nobody is signalled who cannot be shown to be the process that noted its birth."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from plexctl.local import holder
from plexctl.local.holder import Birth, Unproven

WAITING = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]


@pytest.fixture
def stranger():
    """Another process, which ends with the test."""
    with subprocess.Popen(WAITING, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def birth_of(process) -> Birth:
    return Birth(holder.own_birth().place, holder._started(str(process.pid)))


def test_the_process_that_noted_its_birth_is_signalled(stranger):
    assert not holder.is_gone(stranger.pid, birth_of(stranger))
    assert holder.send(stranger.pid, birth_of(stranger), signal.SIGTERM)
    assert stranger.wait() == -signal.SIGTERM


def test_another_process_with_the_same_id_is_not_signalled(stranger):
    earlier = Birth(holder.own_birth().place, "1")
    assert not holder.send(stranger.pid, earlier, signal.SIGKILL)
    assert holder.is_gone(stranger.pid, earlier)
    assert stranger.poll() is None


@pytest.mark.parametrize("place", ["another-boot pid:[1]", ""])
def test_nothing_is_known_of_a_process_of_another_pid_namespace(stranger, place):
    elsewhere = birth_of(stranger)._replace(place=place)
    with pytest.raises(Unproven):
        holder.send(stranger.pid, elsewhere, signal.SIGKILL)
    assert not holder.is_gone(stranger.pid, elsewhere)
    assert stranger.poll() is None


def test_a_birth_that_the_system_did_not_tell_proves_nothing(stranger):
    with pytest.raises(Unproven):
        holder.send(stranger.pid, birth_of(stranger)._replace(started=""), signal.SIGKILL)
    assert stranger.poll() is None


def test_a_process_that_has_ended_is_gone_before_its_parent_has_noticed(stranger):
    born = birth_of(stranger)
    stranger.kill()
    os.waitid(os.P_PID, stranger.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie
    assert holder.is_gone(stranger.pid, born)
    assert not holder.send(stranger.pid, born, signal.SIGTERM)


@pytest.mark.parametrize("pid", [0, -1])
def test_no_number_means_a_whole_group_of_processes(pid, monkeypatch):
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("signalled"))
    assert not holder.send(pid, holder.own_birth(), signal.SIGTERM)


def test_a_system_without_process_descriptors_is_served(stranger, monkeypatch):
    def unknown(_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", unknown)
    assert holder.send(stranger.pid, birth_of(stranger), signal.SIGTERM)
    assert stranger.wait() == -signal.SIGTERM


def test_a_system_without_proc_asks_ps(stranger, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    born = birth_of(stranger)
    assert born.place == "darwin"
    assert born.started
    assert holder.send(stranger.pid, born, signal.SIGTERM)
    assert stranger.wait() == -signal.SIGTERM
    assert holder.is_gone(stranger.pid, born)


def test_a_proc_of_an_outer_pid_namespace_tells_nothing(monkeypatch):
    monkeypatch.setattr(Path, "readlink", lambda path: Path("1") if path == Path("/proc/self") else Path("pid:[2]"))
    assert holder.own_birth() == Birth("", "")
