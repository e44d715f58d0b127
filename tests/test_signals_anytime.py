"""SIGINT and SIGTERM at any moment of a run: 130 or 143 and one line, or the run was over already."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys

import pytest

from plexctl.version import VERSION
from tests.command import arguments
from tests.fake_server import answer
from tests.long_mode import pick
from tests.samples import LIST, PROJECT, SIGNING_ROTATE
from tests.stalls import site
from tests.waiting import PATIENCE_SECONDS

WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
RUNS = {
    "help": "peer list --help",
    "usage error": "peer list --domain x",
    "listing": LIST,
    "json": f"{LIST} -o json",
}
# Runs plexctl, and has it send itself a signal at one of the calls that it makes on its way, from entry() on; what
# comes before is Python's own. Without a number of that call it tells how many there were.
CODE = """
import os, sys
from plexctl.main import entry
descriptor, number, last = (int(sys.argv.pop(1)) for _ in range(3))
calls = 0
def count(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")
    if calls == last:
        sys.setprofile(None)
        os.kill(os.getpid(), number)
sys.setprofile(count)
try:
    entry()
finally:
    sys.setprofile(None)
    os.write(descriptor, str(calls).encode())
"""
SHOTS = pick(1, 60)
MODULES = [
    "click", "click.core", "plexctl.streams", "plexctl.outcome", "plexctl.invocation", "plexctl.failures",
    "plexctl.settings.environment", "plexctl.command", "plexctl.options", "plexctl.usage_errors", "plexctl.values",
    "plexctl.grammar", "plexctl.commands.peer", "plexctl.version", "warnings", "signal", "enum",
]  # fmt: skip


@pytest.fixture
def shoot(against, server):
    """Run plexctl with a signal at its so-manieth call; return what the run came to, and how many calls there were."""
    server.play(answer(200, {"items": [PROJECT] * 100}))

    def run(line, number=0, call=0):
        reader, writer = os.pipe()
        command = [sys.executable, "-c", CODE, str(writer), str(int(number)), str(call), *arguments(line)]
        done = subprocess.run(
            command,
            env=against.environment,
            capture_output=True,
            pass_fds=[writer],
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        os.close(writer)
        with os.fdopen(reader) as file:
            calls = file.read()
        return (done.returncode, done.stdout, done.stderr.decode()), int(calls or 0)

    return run


@pytest.mark.parametrize("number", WORDS)
@pytest.mark.parametrize("name", RUNS)
def test_a_signal_at_a_random_moment(shoot, name, number):
    chance = random.Random(f"{name} {number}")
    whole, calls = shoot(RUNS[name])
    line, reports = f"plexctl: {WORDS[number]}\n", set()
    for shot in range(SHOTS):  # one in each part of the run
        call = chance.randint(1 + calls * shot // SHOTS, calls * (shot + 1) // SHOTS)
        outcome, _ = shoot(RUNS[name], number, call)
        if outcome == whole:
            continue
        code, _, report = outcome
        assert code == 128 + number
        assert report in {line, whole[2]} or (name == "json" and json.loads(report)["error"]["title"] == WORDS[number])
        reports.add(report)
    # in json the line is for where nothing can be imported any more, which is hardly anywhere
    assert reports - {line} if name == "json" else line in reports


@pytest.mark.parametrize(
    ("module", "number"),
    pick(list(zip(MODULES, itertools.cycle(WORDS), strict=False)), list(itertools.product(MODULES, WORDS))),
)
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
    outcome = plexctl.child("peer list --version", **site(tmp_path / "site", fault))
    if outcome.code:
        assert outcome == (128 + number, "", f"plexctl: {WORDS[number]}\n")
    else:
        assert outcome.stdout.startswith(f"version={VERSION} commit=")
        assert outcome.stderr == ""
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


HIDDEN = """
import os, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            try:
                os.kill(os.getpid(), {number})
            except KeyboardInterrupt:
                pass
            raise ImportError("PyCapsule_Import could not import module") from None
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("number", WORDS)
@pytest.mark.parametrize("module", ["google.protobuf", "plexctl.clients.signer"])
def test_a_signal_that_an_extension_module_takes_for_a_failed_import(plexctl, tmp_path, module, number):
    fault = HIDDEN.format(module=module, number=int(number))
    outcome = plexctl.child(f"{SIGNING_ROTATE} --signer-endpoint 127.0.0.1:9", **site(tmp_path / "site", fault))
    assert outcome == (128 + number, "", f"plexctl: {WORDS[number]}\n")


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
