"""A storage that fails is answered as such, and health says so: full, read-only, failing, removed or replaced."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys

import grpc
import pytest

from plexctl.local.store import Store
from plexctl.signing.v1 import signing_pb2 as messages
from plexctl.signing.v1.signing_pb2_grpc import SignerServiceStub
from tests.local.signer_client import SignerClient
from tests.plane import created, live_plane, refused
from tests.waiting import eventually

SIZE = 2 * 1024 * 1024


@contextlib.contextmanager
def small_disk(path):
    """Mount a file system of two megabytes; gives None where that is not allowed."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", path]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def fill(path):
    """Take every block that is left."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1024))


def is_healthy(plane) -> bool:
    answer = plane.nobody.get("/v1/health")
    assert answer.status_code == (200 if answer.json()["status"] == "ok" else 503)
    return answer.status_code == 200


def check(plane, name):
    (found,) = [check for check in plane.nobody.get("/v1/health").json()["checks"] if check["name"] == name]
    return found["status"], found["detail"]


def sign(plane):
    metadata = (("authorization", f"Bearer {plane.bearers['admin']}"),)
    with grpc.insecure_channel(plane.signer_endpoint) as channel:
        request = messages.OpenRotationRequest(scope="platform", new_key_id=f"k-{os.urandom(4).hex()}")
        SignerServiceStub(channel).OpenRotation(request, metadata=metadata, timeout=30)


def test_a_full_disk_is_answered_as_such_until_there_is_room(tmp_path):
    with contextlib.ExitStack() as stack:
        disk = stack.enter_context(small_disk(tmp_path / "disk"))
        if disk is None:
            pytest.skip("a small disk takes the right to mount one")
        plane = stack.enter_context(live_plane(disk / "plane"))
        project_id = plane.project()
        token = plane.token(project_id)
        assert is_healthy(plane)
        fill(disk / "filler")

        def create(number):
            body = {"domain_id": plane.domain_id(), "slug": f"p-{number}", "name": "n", "description": "d" * 1024}
            return plane.admin.post("/v1/projects", json=body)

        answers = [create(number) for number in range(30)]  # the first may still find room in the write-ahead log
        refused(answers[-1], 503, "storage_full")
        assert {answer.status_code for answer in answers} <= {201, 503}
        assert not is_healthy(plane)
        with pytest.raises(grpc.RpcError) as failed:
            [sign(plane) for _ in range(30)]
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
        assert failed.value.details() == "signing: key provider unavailable"

        (disk / "filler").unlink()
        assert is_healthy(plane)
        created(plane.nobody.post("/v1/register", json=plane.registration(project_id, token)))
        plane.anchored(plane.domain_id(), 1)


def test_a_database_that_was_removed_takes_nothing_more(plane):
    (plane.plane.data_dir / "plane.db").unlink()

    body = {"name": "Lost", "slug": "lost", "mesh_cidr": "10.99.0.0/24"}
    refused(plane.admin.post("/v1/domains", json=body), 503, "storage_unavailable")
    assert not is_healthy(plane)
    status, detail = check(plane, "database")
    assert status == "down"
    assert "plane.db was removed or replaced" in detail
    assert plane.nobody.get("/v1/version").status_code == 200


@pytest.mark.parametrize("name", ["plane.db", "plane.db-wal"])
def test_a_file_that_was_replaced_is_noticed(plane, name):
    path = plane.plane.data_dir / name
    shutil.copy(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)

    refused(plane.admin.get("/v1/domains"), 503, "storage_unavailable")
    assert f"{name} was removed or replaced" in check(plane, "database")[1]


def test_a_storage_that_cannot_be_written_is_not_healthy(tmp_path, monkeypatch):
    connect = Store._connect

    def read_only(store):
        connection = connect(store)
        connection.execute("PRAGMA query_only = ON")
        return connection

    with live_plane(tmp_path) as plane:
        monkeypatch.setattr(Store, "_connect", read_only)
        body = {"name": "Lost", "slug": "lost", "mesh_cidr": "10.99.0.0/24"}
        problem = refused(plane.admin.post("/v1/domains", json=body), 503, "storage_unavailable")
        assert "request id" in problem["detail"]
        assert check(plane, "database") == ("down", "attempt to write a readonly database")
        assert plane.admin.get("/v1/domains").status_code == 200  # what can still be read is read


class Failing:
    """A connection whose statements fail with one of the driver's codes."""

    in_transaction = False

    def __init__(self, code) -> None:
        self.error = sqlite3.OperationalError("as the driver says it")
        self.error.sqlite_errorcode = code

    def execute(self, *_):
        raise self.error

    def close(self):
        pass


@pytest.mark.parametrize(
    ("code", "status", "answered"),
    [
        (sqlite3.SQLITE_FULL, 503, "storage_full"),
        (sqlite3.SQLITE_IOERR_WRITE, 503, "storage_unavailable"),
        (sqlite3.SQLITE_READONLY_DBMOVED, 503, "storage_unavailable"),
        (sqlite3.SQLITE_CORRUPT, 503, "storage_unavailable"),
        (sqlite3.SQLITE_BUSY, 503, "storage_unavailable"),
        (sqlite3.SQLITE_ERROR, 500, "internal"),
    ],
)
def test_what_the_driver_says_decides_the_answer(plane, monkeypatch, code, status, answered):
    monkeypatch.setattr(Store, "_connection", lambda _: Failing(code))
    refused(plane.admin.get("/v1/domains"), status, answered)
    assert check(plane, "database") == ("down", "as the driver says it")
    monkeypatch.undo()
    assert eventually(lambda: is_healthy(plane))


def test_an_input_error_on_a_full_disk_is_a_full_disk(plane, monkeypatch):
    monkeypatch.setattr(Store, "_connection", lambda _: Failing(sqlite3.SQLITE_IOERR_WRITE))
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((4096, 4096, 10, 0, 0, 10, 10, 10, 0, 255)))
    refused(plane.admin.get("/v1/domains"), 503, "storage_full")


def test_a_thread_that_ended_is_not_healthy(plane):
    worker = plane.control.health._sources["outbox"].__self__
    worker.stop()
    assert check(plane, "outbox") == ("down", "the thread that delivers the outbox has ended")
    assert not is_healthy(plane)


def test_a_signer_that_does_not_answer_is_not_healthy(world):
    client = SignerClient(world.control, world.bearers["admin"])
    (healthy,) = world.control.health.check()
    client.close()
    (down,) = world.control.health.check()
    assert healthy == ("signer", "ok", "the signer answers")
    assert down == ("signer", "down", "the signer does not answer: UNAVAILABLE")


FAIL = """
import time
from plexctl.local.threads import VitalThread
def fail():
    raise SystemExit(0)
VitalThread(target=fail, name="outbox").start()
time.sleep(30)
"""


def test_a_vital_thread_that_fails_ends_the_process_as_sigterm_does():
    done = subprocess.run([sys.executable, "-c", FAIL], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -15
    assert "the thread outbox has failed; the plane stops" in done.stderr
