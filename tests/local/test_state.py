"""One file says who has a data directory: locked, it describes the holder; not locked, it is history."""

import fcntl
import json
import os
import subprocess
import sys
import threading

import pytest

from plexctl.local import state
from plexctl.local.plane_error import PlaneError
from plexctl.local.state import REMOVING, SERVING, State, look
from plexctl.local.state_file import StateFile
from tests.local.processes import write_private


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(state, "_PATIENCE_SECONDS", 0.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.json"


def taken(directory) -> StateFile:
    file = StateFile(directory)
    file.take()
    return file


def holder_of(directory) -> State:
    found = look(directory)
    assert found
    return found


def history(directory, **changes) -> None:
    """Leave a file as a killed plane does."""
    file = taken(directory)
    file.write(phase=SERVING, url="http://127.0.0.1:1", **changes)
    content = (directory / "state.json").read_bytes()
    file.release()
    write_private(directory / "state.json", content)


def test_the_holder_is_seen_from_its_start_to_its_end(tmp_path, path):
    assert look(tmp_path) is None
    file = taken(tmp_path)
    found = holder_of(tmp_path)
    assert (found.pid, found.phase, found.url) == (os.getpid(), "starting", None)
    file.write(phase=SERVING, url="http://127.0.0.1:1")
    assert holder_of(tmp_path).url == "http://127.0.0.1:1"
    file.release()
    assert look(tmp_path) is None
    assert not path.exists()


def test_what_is_not_locked_is_history(tmp_path):
    history(tmp_path)
    assert look(tmp_path) is None
    taken(tmp_path).release()


def test_a_directory_has_one_holder(tmp_path):
    file = taken(tmp_path)
    with pytest.raises(PlaneError, match="already running"):
        StateFile(tmp_path).take()
    file.release()
    taken(tmp_path).release()


def test_of_many_that_take_a_directory_at_once_one_succeeds(tmp_path):
    won, lost = [], []

    def take():
        try:
            won.append(taken(tmp_path))
        except PlaneError:
            lost.append(1)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    won[0].release()


def test_somebody_who_looks_keeps_nobody_out(tmp_path, path, monkeypatch):
    history(tmp_path)
    descriptor = os.open(path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    monkeypatch.setattr("plexctl.local.state_file.time.sleep", lambda _: os.close(descriptor))
    taken(tmp_path).release()


def test_a_file_that_is_replaced_while_it_is_locked_is_left_alone(tmp_path, path, monkeypatch):
    history(tmp_path)
    lock = state.try_lock

    def lock_too_late(descriptor, kind):
        path.unlink(missing_ok=True)
        monkeypatch.setattr("plexctl.local.state_file.try_lock", lock)
        return lock(descriptor, kind)

    monkeypatch.setattr("plexctl.local.state_file.try_lock", lock_too_late)
    file = taken(tmp_path)
    assert holder_of(tmp_path).pid == os.getpid()
    file.release()


def test_another_file_in_its_place_survives_the_release(tmp_path, path):
    file = taken(tmp_path)
    path.unlink()
    write_private(path, b"mine")
    file.release()
    assert path.read_bytes() == b"mine"


@pytest.mark.usefixtures("impatient")
def test_what_an_earlier_holder_wrote_is_not_believed_because_of_a_later_lock(tmp_path, path):
    """A holder has the lock for an instant before it has noted itself; who looks then must not see its predecessor."""
    history(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"started": "1"}))
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(PlaneError, match="does not describe a plane"):
        look(tmp_path)
    os.close(descriptor)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("note", ["", "{", "[]", "{}", '{"pid": "1"}'])
def test_a_locked_file_that_describes_nobody_is_named(tmp_path, path, note):
    file = taken(tmp_path)
    path.write_text(note)
    with pytest.raises(PlaneError, match=r"state\.json does not describe a plane"):
        look(tmp_path)
    file.release()


def test_a_file_that_is_just_being_written_is_read_again(tmp_path, path, monkeypatch):
    file = taken(tmp_path)
    path.write_text("{")
    monkeypatch.setattr("plexctl.local.state.time.sleep", lambda _: file.write(phase=SERVING))
    assert holder_of(tmp_path).phase == SERVING
    file.release()


def test_a_reset_in_progress_is_waited_for(tmp_path, monkeypatch):
    removing = StateFile(tmp_path)
    removing.take(REMOVING)
    monkeypatch.setattr("plexctl.local.state_file.time.sleep", lambda _: removing.release())
    taken(tmp_path).release()


KILLED = """\
import os, pathlib, signal, sys
from plexctl.local.state_file import StateFile
directory, function, call = sys.argv[1:]
original, calls = getattr(os, function), [0]
def dying(*arguments, **how):
    calls[0] += 1
    if calls[0] == int(call):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **how)
setattr(os, function, dying)
file = StateFile(pathlib.Path(directory))
file.take()
file.write(phase="serving", url="http://127.0.0.1:1")
file.release()
print("survived")
"""


@pytest.mark.parametrize(
    ("function", "call"),
    [("pwrite", 1), ("ftruncate", 1), ("link", 1), ("unlink", 1), ("pwrite", 2), ("ftruncate", 2), ("unlink", 2)],
)
@pytest.mark.parametrize("has_history", [False, True])
def test_a_kill_at_any_step_leaves_a_directory_that_the_next_one_takes(tmp_path, function, call, has_history):
    if has_history:
        history(tmp_path, data_dir="x" * 500)
    command = [sys.executable, "-c", KILLED, tmp_path, function, str(call)]
    subprocess.run(command, check=False, capture_output=True)

    assert look(tmp_path) is None
    file = taken(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]
    assert holder_of(tmp_path).pid == os.getpid()
    file.release()
    assert list(tmp_path.iterdir()) == []
