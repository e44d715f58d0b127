"""SIGINT and SIGTERM while a plane starts, or a lesson plays: 130 or 143, one line and no plane, or it was over."""

import functools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plexctl.local import process, state
from tests.command import arguments
from tests.local.processes import FREE
from tests.long_mode import pick
from tests.waiting import PATIENCE_SECONDS, eventually

WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
LONGEST_START, LONGEST_LESSON = 0.6, pick(1.0, 5.0)  # seconds after which the signal comes at the latest
# Runs plexctl, and writes a byte once it has installed its handlers; until then a signal is answered by Python.
CODE = """
import os, sys
from plexctl import main
descriptor = int(sys.argv.pop(1))
install = main._on_signals
def install_and_tell(handler):
    install(handler)
    main._on_signals = install
    os.write(descriptor, b"x")
main._on_signals = install_and_tell
main.entry()
"""


@pytest.fixture
def shoot(plexctl, tmp_path):
    """Run plexctl with a signal so many seconds after it has installed its handlers, and return how it ended."""
    plexctl.environment["TMPDIR"] = str(tmp_path)

    def run(line, number, after):
        reader, writer = os.pipe()
        command = [sys.executable, "-c", CODE, str(writer), *arguments(line)]
        child = subprocess.Popen(
            command, env=plexctl.environment, pass_fds=[writer], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        os.close(writer)
        assert os.read(reader, 1) == b"x"
        os.close(reader)
        time.sleep(after)  # any moment will do
        child.send_signal(number)
        stderr = child.communicate(timeout=PATIENCE_SECONDS)[1].decode()
        return child.returncode, stderr

    return run


def _processes_of(directory: Path) -> list[str]:
    """Find the processes whose command line names a directory, as that of a plane does."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [str(path)] if os.fsencode(directory) in path.read_bytes() else []
        except OSError:
            continue  # it has ended meanwhile
    return found


@pytest.mark.parametrize("number", WORDS)
def test_an_interrupted_start_leaves_no_plane(shoot, tmp_path, number):
    chance = random.Random(f"start {number}")
    for shot in range(pick(2, 100)):
        directory = tmp_path / f"plane-{shot}"
        code, stderr = shoot(f"local start {FREE} --data-dir {directory}", number, chance.uniform(0, LONGEST_START))
        if code == 0:
            assert process.stop(directory)
            continue
        assert code == 128 + number
        assert stderr.splitlines()[-1] == f"plexctl: {WORDS[number]}"
        assert not [line for line in stderr.splitlines()[:-1] if not line.startswith("plexctl: for development only")]
        eventually(functools.partial(_processes_of, directory), [].__eq__)
        assert not state.is_in_use(directory)


@pytest.mark.parametrize("number", WORDS)
def test_an_interrupted_lesson_ends_and_leaves_nothing(shoot, tmp_path, number):
    chance = random.Random(f"lesson {number}")
    for _ in range(pick(1, 100)):
        code, stderr = shoot("local lesson", number, chance.uniform(0, LONGEST_LESSON))
        assert (code, stderr) in {(128 + number, f"plexctl: {WORDS[number]}\n"), (0, "")}
        assert not list(tmp_path.glob("plexctl-lesson-*"))
