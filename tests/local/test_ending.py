"""What the main thread of a plane waits for: signals, work, and time."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from plexctl.local.ending import Interrupted, Signals


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_signal_ends_the_wait(number):
    before = signal.getsignal(number)
    with Signals() as signals:
        assert signals.wait(0) is None
        send(number)
        assert signals.wait(None) == number
    assert signal.getsignal(number) == before


def test_one_that_is_ignored_from_the_start_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals() as signals:
            send(signal.SIGHUP)
            assert signals.wait(0) is None
    finally:
        signal.signal(signal.SIGHUP, before)


TWICE = """\
import os, signal, sys
from plexctl.local.ending import Signals
with Signals() as signals:
    for _ in range(2):
        os.kill(os.getpid(), int(sys.argv[1]))
        signals.wait(None)
print("survived")
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, -signal.SIGINT)])
def test_two_may_stop_one_plane_and_an_impatient_person_ends_it(number, code):
    done = subprocess.run([sys.executable, "-c", TWICE, str(int(number))], capture_output=True, check=False)
    assert done.returncode == code


def test_work_that_blocks_is_given_up_at_a_signal():
    over = threading.Event()

    def work():
        send(signal.SIGTERM)
        over.wait()

    with Signals() as signals, pytest.raises(Interrupted) as interrupted:
        signals.run(work)
    over.set()
    assert interrupted.value.number == signal.SIGTERM


def test_work_that_ends_returns_or_raises_as_if_it_were_called():
    with Signals() as signals:
        assert signals.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            signals.run(lambda: 1 // 0)
        assert signals.wait(0) is None
