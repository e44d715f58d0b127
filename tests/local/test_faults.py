"""A plane in a process of its own whose surroundings fail: no room, no rights, no file descriptors, a false clock."""

import contextlib
import itertools
import json
import os
import resource
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from plexctl.local import ephemeral
from plexctl.local.plane import LEAST_FILES
from plexctl.local.running import Running
from tests.command import CHILD, Outcome, arguments
from tests.local.processes import FREE, default_directory, failed, killed, started
from tests.local.separate import SeparatePlane, separate_plane
from tests.local.wholeness import find_broken
from tests.long_mode import pick
from tests.plane import created, public_key, refused
from tests.waiting import PATIENCE_SECONDS, eventually

# Root may write whatever its mode says, unless it gives that right up.
WITHOUT_RIGHTS = [] if os.geteuid() else ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
# How far the clock is off at each step of a run of the plane; one run follows the other.
RUNS: list[tuple[str, ...]] = [("-2h", "+400d"), ("-1s",), *itertools.permutations(("-2h", "+400d", "-1s", "-400d"))]
FILE_LIMITS = pick([10, LEAST_FILES - 1], [*range(6, LEAST_FILES)])  # with fewer, Python itself does not start


@contextmanager
def limit(plane, which, soft):
    """Set a limit of the plane's process, and take it back."""
    before, hard = resource.prlimit(plane.plane.pid, which)
    resource.prlimit(plane.plane.pid, which, (soft, hard))
    try:
        yield
    finally:
        resource.prlimit(plane.plane.pid, which, (before, hard))


def health(plane):
    answer = plane.nobody.get("/v1/health")
    assert answer.status_code == (200 if answer.json()["status"] == "ok" else 503)
    return {check["name"]: check["status"] for check in answer.json()["checks"]}


def recovered(plane):
    """Wait until all is well; on a busy machine the plane may find its own signer too slow at first."""
    return eventually(lambda: set(health(plane).values()), lambda seen: seen == {"ok"})


def create(plane, slug):
    body = {"domain_id": plane.domain_id, "slug": slug, "name": "n", "description": "d" * 1024}
    return plane.admin.post("/v1/projects", json=body)


def test_a_plane_whose_files_cannot_grow_says_so_until_they_can(tmp_path):
    with separate_plane(tmp_path) as plane:
        project_id = plane.project("edge")
        registration = plane.registration(project_id)
        with limit(plane, resource.RLIMIT_FSIZE, max(file.stat().st_size for file in tmp_path.iterdir())):
            answers = [create(plane, f"p-{number}") for number in range(200)]
            assert {answer.status_code for answer in answers} == {201, 503}
            refused(answers[-1], 503, "storage_unavailable")
            assert health(plane)["database"] == "down"
            assert plane.admin.get("/v1/domains").status_code == 200
            refused(plane.nobody.post("/v1/register", json=registration), 503, "storage_unavailable")

        assert recovered(plane)
        created(plane.nobody.post("/v1/register", json=registration))
        plane.settled()
        assert find_broken(tmp_path, is_settled=True) == {}
        listed = plane.rows("SELECT count(*) FROM projects")
        assert listed == [(1 + sum(answer.status_code == 201 for answer in answers),)]


def test_a_plane_that_runs_out_of_files_recovers(tmp_path):
    """What it can answer meanwhile is a success, or a 503."""
    with separate_plane(tmp_path) as plane:
        opened = len(list(Path(f"/proc/{plane.plane.pid}/fd").iterdir()))
        statuses = set()
        for spare in pick((0, 2), range(-5, 20)):
            with limit(plane, resource.RLIMIT_NOFILE, opened + spare):
                for number in range(pick(1, 10)):
                    with contextlib.suppress(httpx.TransportError):
                        statuses.add(create(plane, f"p-{spare + 5}-{number}").status_code)
                        statuses.add(plane.nobody.get("/v1/health").status_code)
        assert statuses <= {200, 201, 503}
        assert recovered(plane)
        created(create(plane, "after"))


@pytest.mark.parametrize("limit", FILE_LIMITS)
def test_a_plane_with_too_few_files_does_not_start(local, limit):
    line = f'ulimit -n {limit}; exec "$@"'
    command = ["sh", "-c", line, "sh", *CHILD, *arguments(f"local start {FREE}")]
    failed(_run(local, command), "open files")
    assert not ephemeral.in_use(default_directory(local))


@pytest.mark.parametrize("closed", pick(["plane.db"], ["plane.db", "plane.log", "state.json", "root.key", "."]))
def test_a_plane_that_may_not_write_does_not_start_and_breaks_nothing(local, closed):
    before = started(local)
    if closed == "state.json":
        killed(before["pid"])
    else:
        assert local.child("local stop").code == 0
    path = default_directory(local) / closed
    mode = path.stat().st_mode
    path.chmod(mode & ~0o600 if closed == "root.key" else mode & ~0o200)

    failed(_run(local, [*WITHOUT_RIGHTS, *CHILD, *arguments(f"local start {FREE}")]), "Permission denied")

    path.chmod(mode)
    plane = SeparatePlane(Running(**started(local)))
    assert recovered(plane)
    plane.close()


def _run(local, command):
    done = subprocess.run(
        command, env=local.environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def faketime(tmp_path):
    """Return the variables under which a process reads its clock from a file, and a function that writes that file."""
    if not shutil.which("faketime"):
        pytest.skip("faketime is not installed")
    found = subprocess.run(
        ["faketime", "-f", "+0", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True
    )
    file = tmp_path / "clock"
    variables = {
        "LD_PRELOAD": found.stdout.strip(),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    return variables, file.write_text


@contextmanager
def serving(local, variables):
    """Run the plane in the foreground, since one in the background inherits none of the variables."""
    child = local.start(f"local serve {FREE} -o json", **variables)
    plane = SeparatePlane(Running(**json.loads("".join(_document(child)))))
    try:
        yield plane
    finally:
        plane.close()
        child.terminate()
        assert child.communicate(timeout=PATIENCE_SECONDS)[0] == b""
    assert child.returncode == 0


def _document(child):
    """Yield the lines of an indented JSON object."""
    for line in iter(child.stdout.readline, b"}\n"):
        assert line, child.stderr.read()
        yield line.decode()
    yield "}"


def _enrol_and_rotate(plane, slug):
    """Go through what needs a grant at once, an order and an anchoring."""
    node = created(plane.nobody.post("/v1/register", json=plane.registration(plane.project(slug))))
    plane.settled()
    requested = plane.admin.post(f"/v1/nodes/{node['node_id']}/keys/rotate").json()
    with plane.node(node) as client:
        completed = client.post("/v1/keys/rotate", json={"new_public_key": public_key()}).json()
        assert completed["rotation_id"] == requested["rotation_id"]
        assert client.get(f"/v1/nodes/{node['node_id']}/reachability").json()["state"] == "healthy"
    plane.settled()
    assert recovered(plane)


def test_a_plane_goes_on_whatever_the_clock_does(local, faketime):
    variables, set_clock = faketime
    number = itertools.count(1)
    for jumps in pick(RUNS[:1], RUNS):
        set_clock(jumps[0])
        with serving(local, variables) as plane:
            for offset in jumps:
                set_clock(offset)
                _enrol_and_rotate(plane, f"p-{next(number)}")
    assert find_broken(default_directory(local), is_settled=True) == {}
