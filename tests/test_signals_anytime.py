"""SIGINT and SIGTERM at any moment of a run: 130 or 143 and one line, or the run was over already."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.fake_server import answer
from tests.samples import LIST, PROJECT
from tests.stalls import site

WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
RUNS = {
    "help": ["peer", "list", "--help"],
    "usage error": ["peer", "list", "--domain", "x"],
    "listing": [*LIST],
    "json": [*LIST, "-o", "json"],
}
# The byte says that entry() is next: what comes before is Python's own, and so is the answer to a signal.
READY = "import os, sys; from plexctl.main import entry; os.write(int(sys.argv.pop(1)), b'.'); entry()"
SHOTS = 25


class Shots:
    """Starts plexctl, and sends it one signal after a while."""

    def __init__(self, plexctl):
        self._plexctl = plexctl

    def __call__(self, words, number=0, seconds=60.0):
        """Return what a run came to, and how long it took once it was ready."""
        child, ready = self._start(words)
        os.read(ready, 1)
        os.close(ready)
        start = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
        child.send_signal(number)
        stdout, stderr = child.communicate(timeout=60)
        return (child.returncode, stdout, stderr.decode()), time.monotonic() - start

    def _start(self, words):
        reader, writer = os.pipe()
        child = subprocess.Popen(
            [sys.executable, "-c", READY, str(writer), *words],
            env=self._plexctl.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[writer],
        )  # fmt: skip
        os.close(writer)
        return child, reader


@pytest.fixture
def shots(against, server):
    server.play(answer(200, {"items": [PROJECT] * 100}))
    return Shots(against)


@pytest.mark.parametrize("number", WORDS)
@pytest.mark.parametrize("name", RUNS)
def test_a_signal_at_a_random_moment(shots, name, number):
    chance = random.Random(f"{name} {number}")
    whole, longest = shots(RUNS[name])
    codes = set()
    for _ in range(SHOTS):
        outcome, _ = shots(RUNS[name], number, chance.uniform(0, longest))
        if outcome == whole:
            continue
        code, _, stderr = outcome
        assert code == 128 + number
        if name == "json":
            assert json.loads(stderr)["error"]["title"] == WORDS[number]
        else:
            assert stderr in {f"plexctl: {WORDS[number]}\n", whole[2]}
        codes.add(code)
    assert 128 + number in codes


@pytest.mark.parametrize("number", WORDS)
@pytest.mark.parametrize(
    "module",
    [
        "click", "click.core", "plexctl.streams", "plexctl.outcome", "plexctl.invocation", "plexctl.failures",
        "plexctl.settings.environment", "plexctl.command", "plexctl.options", "plexctl.usage_errors", "plexctl.values",
        "plexctl.grammar", "plexctl.commands.peer", "plexctl.version", "warnings", "signal", "enum",
    ],
)  # fmt: skip
def test_a_signal_during_an_import(plexctl, tmp_path, module, number):
    fault = f"""
import os, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r} and "plexctl.main" in sys.modules:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), {int(number)})
sys.meta_path.insert(0, Finder())
for name in ("warnings", "signal", "enum"):
    if {module!r} == name:
        sys.modules.pop(name, None)
"""
    outcome = plexctl.child("peer", "list", "--version", **site(tmp_path / "site", fault))
    assert outcome in {(128 + number, "", f"plexctl: {WORDS[number]}\n"), (0, outcome.stdout, "")}
    assert outcome.code or module in {"warnings", "signal", "enum", "click.core"}


@pytest.mark.parametrize("module", ["plexctl.streams", "plexctl.outcome", "plexctl.invocation", "plexctl.failures"])
def test_an_import_that_is_interrupted_each_time_it_is_tried(plexctl, tmp_path, module):
    fault = f"""
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
"""
    outcome = plexctl.child("--version", **site(tmp_path / "site", fault))
    assert outcome == (130, "", "plexctl: interrupted\n")


LOST = """
import os, weakref
import plexctl.version
class Thing: pass
def describe():
    thing = Thing()
    reference = weakref.ref(thing, lambda _: os.kill(os.getpid(), {number}))
    del thing
    return "a version"
plexctl.version.describe = describe
"""


@pytest.mark.parametrize("number", WORDS)
def test_a_signal_where_no_exception_gets_out(plexctl, tmp_path, number):
    """Python lets none out of a weak reference's callback, of which its import system has some."""
    outcome = plexctl.child("--version", **site(tmp_path / "site", LOST.format(number=int(number))))
    assert outcome == (128 + number, "", f"plexctl: {WORDS[number]}\n")
