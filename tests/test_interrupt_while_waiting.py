"""Ctrl-C while plexctl waits for a server: at once, whatever it waits for, since none of these waits ends by itself."""

import signal

import pytest

from tests.fake_server import answer
from tests.samples import LIST, SIGNING_ROTATE
from tests.stalls import STALLED_RESOLVER, STALLS, silence, site
from tests.waiting import PATIENCE_SECONDS, eventually

TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}
FOR_EVER = "--timeout 1000h"


def assert_interrupted(plexctl, line, is_waiting, **environment):
    """Start plexctl, interrupt it once it waits, and see how it ends."""
    with plexctl.start(f"{line} {FOR_EVER}", **environment) as child:
        eventually(lambda: is_waiting() or child.poll() is not None)
        child.send_signal(signal.SIGINT)
        stdout, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    assert (child.returncode, stdout, stderr) == (130, b"", b"plexctl: interrupted\n")


@pytest.mark.parametrize("stall", ["no answer", "dripping headers", "dripping body"])
def test_in_an_answer_that_does_not_end(against, server, stall):
    server.play(STALLS[stall](server))
    assert_interrupted(against, LIST, lambda: server.requests)


def test_between_two_attempts(against, server):
    server.play(answer(503, headers={"Retry-After": "100000"}))
    assert_interrupted(against, LIST, lambda: server.requests)


def test_in_a_resolver_that_never_answers(plexctl, tmp_path):
    asked = tmp_path / "asked"
    environment = site(tmp_path / "site", STALLED_RESOLVER) | {"ASKED": str(asked), **TOKEN}
    assert_interrupted(plexctl, f"{LIST} --server https://plexsphere.test", asked.exists, **environment)


def test_in_a_call_that_the_signer_does_not_answer(plexctl, server):
    server.play(silence(server))
    line = f"{SIGNING_ROTATE} --signer-endpoint 127.0.0.1:{server.port}"
    assert_interrupted(plexctl, line, lambda: server.requests)
