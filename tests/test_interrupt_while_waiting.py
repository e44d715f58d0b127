"""Ctrl-C while plexctl waits for a server: at once, whatever it waits for."""

import signal
import time

import pytest

from tests.fake_server import answer
from tests.samples import LIST, SIGNING_ROTATE
from tests.stalls import ATTEMPTS, STALLED_RESOLVER, STALLS, silence, site

AT_ONCE = 1.0  # seconds; an interpreter on a busy machine needs a part of it to end
TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}


def interrupted(plexctl, line, is_waiting, **environment):
    """Start plexctl, interrupt it once it waits, and return how long it then took to end."""
    child = plexctl.start(line, **environment)
    deadline = time.monotonic() + 30
    while not is_waiting():
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    sent = time.monotonic()
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=30)
    taken = time.monotonic() - sent
    assert (child.returncode, stdout, stderr) == (130, b"", b"plexctl: interrupted\n")
    return taken


def assert_at_once(measure):
    taken: list[float] = []
    while len(taken) < ATTEMPTS:
        taken.append(measure())
        if taken[-1] < AT_ONCE:
            return
    pytest.fail(f"it took {taken} s to end")


@pytest.mark.parametrize("stall", ["no answer", "dripping headers", "dripping body"])
def test_in_an_answer_that_does_not_end(against, server, stall):
    server.play(STALLS[stall](server))

    def measure():
        server.requests.clear()
        return interrupted(against, LIST, lambda: server.requests)

    assert_at_once(measure)


def test_between_two_attempts(against, server):
    server.play(answer(503, headers={"Retry-After": "20"}))

    def measure():
        server.requests.clear()
        return interrupted(against, LIST, lambda: server.requests)

    assert_at_once(measure)


def test_in_a_resolver_that_never_answers(plexctl, tmp_path):
    asked = tmp_path / "asked"
    environment = site(tmp_path / "site", STALLED_RESOLVER) | {"ASKED": str(asked), **TOKEN}

    def measure():
        asked.unlink(missing_ok=True)
        return interrupted(plexctl, f"{LIST} --server https://plexsphere.test", asked.exists, **environment)

    assert_at_once(measure)


def test_in_a_call_that_the_signer_does_not_answer(plexctl, server):
    server.play(silence(server))

    def measure():
        server.requests.clear()
        line = f"{SIGNING_ROTATE} --signer-endpoint 127.0.0.1:{server.port}"
        return interrupted(plexctl, line, lambda: server.requests)

    assert_at_once(measure)
