"""What a hostile server sends without end never fills the memory."""

import json
import os
import subprocess

import pytest

from tests.command import Command
from tests.fake_server import FakeServer, answer
from tests.hostile import codings, framing, heads
from tests.hostile.codings import MEBIBYTE
from tests.long_mode import pick
from tests.samples import EMPTY_PAGE, LIST

SUCCESSES = ("gzip without end", "a plain body without end", "chunks without end", "members of gzip without end")
OTHERS = (
    "gzip without end in an error",
    "a plain error without end",
    "empty members of gzip without end",
    "empty blocks of deflate without end",
    "headers without end",
    "trailers without end",
    "interim responses without end",
)
CASES = {**heads.CASES, **framing.CASES, **codings.CASES}


def peak_bytes(plexctl, line, code):
    """Run a child, assert its exit code, and return the most memory that it held."""
    process = plexctl.start(line, stdout=subprocess.DEVNULL)
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == code, stderr
    assert code == 0 or list(json.loads(stderr)) == ["error"]
    return usage.ru_maxrss * 1024


@pytest.fixture(scope="module")
def usual_bytes(tmp_path_factory):
    with FakeServer() as healthy:
        healthy.play(answer(200, EMPTY_PAGE))
        plexctl = Command(
            tmp_path_factory.mktemp("home"), {"PLEXSPHERE_URL": healthy.url, "PLEXSPHERE_TOKEN": "a-token"}
        )
        return peak_bytes(plexctl, f"{LIST} -o json", 0)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *((name, 160 * MEBIBYTE) for name in pick(SUCCESSES[:1], SUCCESSES)),
        *((name, 32 * MEBIBYTE) for name in pick(OTHERS[::3], OTHERS)),
    ],
)
def test_memory_is_bounded(against, server, usual_bytes, name, most):
    case = CASES[name]
    server.play(*case.acts)
    timeout = "1s" if case.kind == "timeout" else case.timeout
    assert peak_bytes(against, f"{case.line} -o json --timeout {timeout}", case.code) < usual_bytes + most
