"""Whatever is written arrives whole, or the run fails, in every state that a stream can be in."""

import json
import os
import re
import subprocess
import threading

import pytest

from tests.command import CHILD, arguments
from tests.fake_server import answer, problem
from tests.long_mode import pick
from tests.samples import GET, ID, LIST, PROJECT
from tests.waiting import PATIENCE_SECONDS
from tests.yaml_document import load_yaml

BUFFERING = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
IN_FORMS = pytest.mark.parametrize("form", pick(["yaml"], ["text", "json", "yaml"]))
MANY = {"items": [{**PROJECT, "name": "näme" * 80}] * 300}  # more than a pipe holds, and some of it not ASCII
DATA = [f"{LIST} -o {form}" for form in pick(("json",), ("text", "json", "yaml"))] + pick([], [GET])
PROSE = pick(["--version"], ["--help", "peer", "help flags", "--version"])
COMPLETION = {"_PLEXCTL_COMPLETE": "1"}
WRITERS: list[tuple[str, dict[str, str]]] = [*((line, {}) for line in (*DATA, *PROSE)), ("", COMPLETION)]
# One function writes them all. What it finds below stdout differs without a buffer, whatever the words are: a few do.
UNBUFFERED = pick(WRITERS[:1], WRITERS)
ALL = pytest.mark.parametrize(
    ("line", "variables", "unbuffered"),
    [*((*case, "") for case in WRITERS), *((*case, "1") for case in UNBUFFERED)],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else value,
)


@pytest.fixture
def answered(against, server):
    """plexctl pointed at a server with a long listing in it."""

    def play(connection):
        is_one = server.requests[-1].target.endswith(ID)
        connection.sendall(answer(200, PROJECT if is_one else MANY))

    server.play(play)
    return against


class Streams:
    """Runs plexctl from a shell that prepares its streams first."""

    def __init__(self, plexctl, unbuffered):
        self._plexctl = plexctl
        self._environment = plexctl.environment | {"PYTHONUNBUFFERED": unbuffered}

    def __call__(self, script, line, **variables):
        """Return the exit code, stdout and stderr."""
        done = subprocess.run(
            ["sh", "-c", script, "sh", *CHILD, *arguments(line)],
            env=self._environment | variables, capture_output=True, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr.decode()

    def start(self, line, stdout, stderr=subprocess.PIPE, **variables):
        command = [*CHILD, *arguments(line)]
        return subprocess.Popen(command, env=self._environment | variables, stdout=stdout, stderr=stderr)


@pytest.fixture
def streams(answered, unbuffered):
    return Streams(answered, unbuffered)


@pytest.fixture(scope="module")
def written():
    """What `whole` has found already."""
    return {}


@pytest.fixture
def whole(answered, written):
    """What a run writes into a file, which takes all of it at once."""

    def run(line, variables):
        if line not in written:
            outcome = answered.child(line, **variables)
            assert outcome.code == 0
            written[line] = outcome.stdout.encode()
        return written[line]

    return run


@ALL
def test_a_full_disk_and_a_size_limit_are_one_line_and_exit_1(streams, line, variables, tmp_path):
    full = streams('exec "$@" >/dev/full', line, **variables)
    tight = streams(f'ulimit -f 0; exec "$@" >{tmp_path}/file', line, **variables)
    for (code, _, stderr), reason in ((full, "No space left on device"), (tight, "File too large")):
        assert code == 1
        said = re.search(r"plexctl: Local Failure: (.*)\n|detail\"?: \"?([^\"\n]*)", stderr)
        assert said
        assert reason in (said[1] or said[2])


@ALL
def test_a_closed_pipe_and_a_closed_stdout_are_quiet(streams, line, variables):
    reader, writer = os.pipe()
    os.close(reader)
    child = streams.start(line, stdout=writer, **variables)
    os.close(writer)
    assert (child.communicate(timeout=PATIENCE_SECONDS)[1], child.returncode) == (b"", 141)
    assert streams('exec "$@" >&-', line, **variables) == (141, b"", "")


@ALL
def test_a_pipe_that_does_not_block_gets_all_of_it(streams, whole, line, variables):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    child = streams.start(line, stdout=writer, stderr=writer, **variables)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        received = file.read()
    assert child.wait(timeout=PATIENCE_SECONDS) == 0
    assert received == whole(line, variables)


@BUFFERING
@IN_FORMS
def test_a_file_that_is_cut_short_is_no_success(streams, tmp_path, form):
    path = tmp_path / "file"
    code, _, stderr = streams(f'ulimit -f 200; exec "$@" >{path}', f"{LIST} -o {form}")  # blocks of 512 bytes
    assert (code, path.stat().st_size) == (1, 200 * 512)
    assert "File too large" in stderr


@BUFFERING
@IN_FORMS
def test_a_reader_that_leaves_in_the_middle_is_141(streams, form):
    child = streams.start(f"{LIST} -o {form}", subprocess.PIPE)
    assert len(child.stdout.read(10)) == 10
    child.stdout.close()
    assert (child.stderr.read(), child.wait(timeout=PATIENCE_SECONDS)) == (b"", 141)
    child.stderr.close()


@ALL
def test_output_is_utf_8_whatever_the_locale_says(streams, whole, line, variables):
    for setting in ({"PYTHONIOENCODING": "utf-16"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        assert streams('exec "$@"', line, **variables, **setting) == (0, whole(line, variables), "")


@BUFFERING
@pytest.mark.parametrize("redirection", pick(["2>/dev/full", "<&- 2>&-"], ["2>&-", "2>/dev/full", "<&- 2>&-"]))
def test_a_stderr_that_fails_changes_nothing_else(streams, server, redirection):
    code, stdout, _ = streams(f'exec "$@" {redirection}', f"-v {GET}")
    assert (code, stdout.count(b"\n")) == (0, 2)
    assert streams(f'exec "$@" {redirection}', "peer list")[:2] == (2, b"")
    server.play(problem(409))
    for form in ("text", "json"):  # a document is written alike in either form
        assert streams(f'exec "$@" {redirection}', f"-v {GET} -o {form}")[:2] == (1, b"")
    assert streams(f'exec "$@" >&- {redirection}', "--version")[:2] == (141, b"")


@BUFFERING
@IN_FORMS
def test_an_error_arrives_whole_in_a_pipe_that_does_not_block(streams, server, form):
    server.play(problem(500, x=["y" * 900] * 900))
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    child = streams.start(f"project update {ID} --display-name x -o {form}", stdout=None, stderr=writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as file:
        received = file.read()
    assert child.wait(timeout=PATIENCE_SECONDS) == 1
    if form == "text":
        assert received.endswith(")\n")
    else:
        error = (json.loads if form == "json" else load_yaml)(received)["error"]
        assert error["x"] == ["y" * 900] * 900


def test_no_file_is_opened_in_the_place_of_a_stream_that_is_closed(answered, server):
    """With all three closed, a socket would be stdout, and the table go to the server."""
    script = 'exec "$@" <&- >&- 2>&-'
    code = Streams(answered, "")(script, GET)[0]
    assert code == 141
    assert len(server.requests) == 1


def test_a_signal_ends_a_write_that_nobody_reads(answered):
    """Neither the data nor the report may wait for a reader."""
    reader, writer = os.pipe()
    child = Streams(answered, "").start(LIST, stdout=writer, stderr=writer)
    os.close(writer)
    started = threading.Event()

    def read_one() -> None:
        os.read(reader, 1)
        started.set()

    threading.Thread(target=read_one).start()
    assert started.wait(PATIENCE_SECONDS)
    child.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(timeout=0.5)  # its line waits for room, as every writer's does
    child.terminate()
    assert child.wait(timeout=PATIENCE_SECONDS) in {143, -15}
    os.close(reader)
