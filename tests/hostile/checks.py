"""What holds of every run against a hostile server."""

import time
from typing import Any

from tests.command import Command, Outcome
from tests.failure_checks import assert_failed
from tests.fake_server import FakeServer
from tests.hostile.case import Case
from tests.hostile.texts import ACTING
from tests.waiting import PATIENCE_SECONDS

TOKEN = "hostile-t0k3n"
LONGEST_STDERR = 8 << 20  # characters; an error's body has at most a mebibyte, and each may be escaped


def run(plexctl: Command, server: FakeServer, case: Case, output: str) -> Outcome:
    """Run the case's command against its server; assert what it must end with, and return what was printed."""
    server.play(*case.acts)
    started = time.monotonic()
    line = f"{case.line} -o {output} --timeout {case.timeout} --server {server.url}"
    outcome = plexctl(line, PLEXSPHERE_TOKEN=TOKEN)
    assert time.monotonic() - started < PATIENCE_SECONDS
    assert_safe(outcome)
    if case.kind is None:
        assert outcome.code == 0, outcome.stderr
        assert outcome.stderr.count("\n") <= 1  # a list's note on more
    else:
        error: Any = assert_failed(outcome, output, case.code)
        assert error is None or (error["kind"], error["status"]) == (case.kind, case.status)
    return outcome


def assert_safe(outcome: Outcome) -> None:
    """Assert that neither stream acts on a terminal, tells of a defect of plexctl's own, or has no measure."""
    for stream in outcome.stdout, outcome.stderr:
        assert not set(stream) & (set(ACTING) - {"\n"})
        assert "Traceback" not in stream
    assert "Unexpected Error" not in outcome.stderr
    assert TOKEN not in outcome.stdout + outcome.stderr
    assert len(outcome.stderr) < LONGEST_STDERR
