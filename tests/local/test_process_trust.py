"""A plane starts on files that are its owner's alone, and gives its own process nothing that it does not need."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from plexctl.local.child import python_command
from plexctl.local.plane import Plane
from plexctl.local.plane_error import PlaneError
from tests.command import CHILD
from tests.local.processes import (
    FREE,
    default_directory,
    failed,
    in_shell,
    is_alive,
    private_directory,
    write_private,
)
from tests.stalls import site
from tests.test_trusted_files import give_away
from tests.waiting import PATIENCE_SECONDS, eventually

FILES = ["root.key", "bearers.json", "state.json", "plane.db", "plane.db-wal"]


@pytest.fixture
def stopped(tmp_path):
    """The directory of a plane that has run."""
    directory = tmp_path / "plane"
    plane = Plane(directory)
    plane.start()
    plane.stop()
    for name in FILES:
        if not (directory / name).exists():
            write_private(directory / name, b"")
    return directory


def refusal(directory) -> str:
    with pytest.raises(PlaneError) as error:
        Plane(directory).start()
    assert error.value.title == "Untrusted Data"
    return str(error.value)


@pytest.mark.parametrize("name", FILES)
def test_a_link_is_not_followed_and_what_it_leads_to_stays_as_it_was(stopped, tmp_path, name):
    target = (stopped / name).rename(tmp_path / "target")
    before = target.read_bytes()
    (stopped / name).symlink_to(target)
    assert refusal(stopped).startswith(f"{stopped / name} is a link, not a regular file")
    assert target.read_bytes() == before


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_is_refused_and_not_waited_for(stopped, name):
    (stopped / name).unlink()
    os.mkfifo(stopped / name, 0o600)
    assert refusal(stopped).startswith(f"{stopped / name} is a pipe, not a regular file")


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_others_can_read_is_refused(stopped, name):
    (stopped / name).chmod(0o644)
    assert refusal(stopped) == (
        f"{stopped / name} has mode 0644, so that others can read it; run: chmod 600 {stopped / name}"
    )


@pytest.mark.parametrize("name", FILES)
def test_somebody_elses_file_is_refused(stopped, monkeypatch, name):
    give_away(stopped / name, monkeypatch)
    assert "not to you or root" in refusal(stopped)


@pytest.mark.parametrize("leaf", ["start", "serve", "status", "stop", "env", "logs", "token --as admin", "reset --yes"])
def test_no_command_believes_a_directory_that_others_can_write(local, leaf):
    plane = Plane(private_directory(local))
    plane.start()
    plane.stop()
    default_directory(local).chmod(0o777)
    content = {path.name: path.read_bytes() for path in default_directory(local).iterdir()}

    failed(local.child(f"local {leaf}"), str(default_directory(local)), "mode 0777", "chmod 700")

    assert {path.name: path.read_bytes() for path in default_directory(local).iterdir()} == content
    default_directory(local).chmod(0o700)


def test_a_log_that_is_a_link_or_a_pipe_is_refused(local, tmp_path):
    log = private_directory(local) / "plane.log"
    (tmp_path / "target").write_bytes(b"")
    log.symlink_to(tmp_path / "target")
    failed(local(f"local start {FREE}"), f"{log} is a link")
    assert (tmp_path / "target").read_bytes() == b""
    log.unlink()
    os.mkfifo(log, 0o600)
    for leaf in (f"start {FREE}", "logs"):
        failed(local(f"local {leaf}"), f"{log} is a pipe")


def test_an_empty_directory_is_closed_to_others_and_a_missing_one_is_made_so_under_any_umask(local, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o755)
    missing = tmp_path / "some" / "missing"
    for directory in (empty, missing):
        in_shell(local, f"umask 0; {shlex.join(CHILD)} local start {FREE} --data-dir {directory}")
        local("local stop --data-dir", directory)
        assert directory.stat().st_mode & 0o777 == 0o700
    assert missing.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_of_its_callers_reaches_a_detached_plane(local):
    secrets = {
        "PLEXSPHERE_TOKEN": "a-token",
        "AWS_SECRET_ACCESS_KEY": "a-secret",
        "HTTPS_PROXY": "http://user:password@proxy.test",
        "SSL_CERT_FILE": "/a/file",
        "PYTHONWARNINGS": "default",
    }
    plane = local.child(f"local start {FREE} -o json", LC_ALL="C.UTF-8", TZ="UTC", **secrets).json

    variables = Path(f"/proc/{plane['pid']}/environ").read_text().rstrip("\0").split("\0")
    assert {variable.partition("=")[0] for variable in variables} == {"HOME", "LC_ALL", "PATH", "TZ"}


def test_the_process_with_the_root_key_dumps_no_core(local):
    in_shell(local, f"ulimit -S -c $(ulimit -H -c); {shlex.join(CHILD)} local start {FREE}")
    plane = local("local status -o json").json
    limits = Path(f"/proc/{plane['pid']}/limits").read_text()
    assert re.search(r"Max core file size +0 ", limits)


def test_a_librarys_warnings_stay_off_the_stderr_of_a_child():
    warning = "import warnings; warnings.warn('from a library')"
    done = subprocess.run(python_command(warning), capture_output=True, check=True)
    assert done.stderr == b""


# Loaded by every child interpreter: the plane's own notes its process id, and goes no further.
STALLED_IMPORT = """
import os, sys, threading
started = os.path.join(os.path.dirname(__file__), "started")
class Finder:
    def find_spec(name, path=None, target=None):
        if name == "plexctl.local.daemon" and sys.flags.safe_path:
            with open(started + ".draft", "w") as file:
                file.write(str(os.getpid()))
            os.rename(file.name, started)
            threading.Event().wait()
sys.meta_path.insert(0, Finder)
"""


@pytest.mark.parametrize("number", [2, 15, 1])
def test_a_signal_amid_the_imports_of_a_plane_is_no_traceback(local, tmp_path, number):
    note = tmp_path / "site" / "started"
    with local.start(f"local start {FREE}", **site(tmp_path / "site", STALLED_IMPORT)) as starting:
        eventually(lambda: note.exists() or starting.poll() is not None)
        os.kill(int(note.read_text()), number)
        _, stderr = starting.communicate(timeout=PATIENCE_SECONDS)

    assert starting.returncode == 1
    assert stderr.startswith(b"plexctl: Plane Not Started: the plane ended, or took too long to answer; see ")
    assert (default_directory(local) / "plane.log").read_bytes() == b""
    assert not is_alive(int(note.read_text()))


def test_a_directory_that_cannot_be_named_is_a_usage_error(local, tmp_path):
    for leaf in ("start", "serve", "stop", "status", "logs", "env", "token --as admin", "reset --yes"):
        outcome = local(f"local {leaf} --data-dir ''")
        assert (outcome.code, outcome.stdout) == (2, "")
        assert "--data-dir: '' is not a directory" in outcome.stderr
    gone = tmp_path / "gone"
    for named in ("--data-dir rel", ""):
        command = shlex.join([sys.executable, "-P", "-m", "plexctl", "local", "status", *shlex.split(named)])
        script = f"mkdir {gone}; cd {gone}; rmdir {gone}; PLEXCTL_LOCAL_DATA_DIR=rel {command} 2>&1; echo $?"
        said, code = in_shell(local, script).splitlines()
        assert "'rel' is relative, and the working directory has been removed" in said
        assert code == "2"
