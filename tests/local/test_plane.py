"""A plane within a process: it starts whole or not at all, and leaves nothing behind."""

import errno
import os
import socket
import sqlite3
import threading
from pathlib import Path

import grpc
import pytest

from plexctl.local.bearers import read_bearers
from plexctl.local.http import server
from plexctl.local.plane import Plane
from plexctl.local.plane_error import PlaneError
from tests.plane import accepts, half_a_request, live_plane
from tests.waiting import PATIENCE_SECONDS, eventually


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _cycle(directory):
    with live_plane(directory) as plane:
        plane.enrol(plane.project(f"edge-{os.urandom(4).hex()}"))


def test_a_stopped_plane_leaves_no_thread_and_no_open_file(tmp_path):
    _cycle(tmp_path)  # what is made once in a process is made now
    threads, files = threading.active_count(), _open_files()

    for _ in range(3):
        _cycle(tmp_path)

    # fewer where a plane that other tests share has closed a connection meanwhile
    eventually(threading.active_count, lambda count: count <= threads)
    eventually(_open_files, lambda count: count <= files)


def test_what_it_held_is_there_again(tmp_path):
    with live_plane(tmp_path) as plane:
        node_id = plane.enrol(plane.project())["node_id"]
        bearers = plane.bearers
    with live_plane(tmp_path) as plane:
        topology = plane.anchored(plane.domain_id(), 1)

        assert topology["nodes"][0]["node_id"] == node_id
        assert plane.bearers == bearers


def test_two_planes_live_side_by_side_but_not_in_one_directory(tmp_path, plane):
    with live_plane(tmp_path / "other") as other:
        assert other.url != plane.url
        with pytest.raises(PlaneError, match="already running"):
            Plane(tmp_path / "other").start()
        assert other.admin.get("/v1/domains").status_code == 200


def test_a_directory_in_the_place_of_the_database_is_refused(tmp_path):
    (tmp_path / "plane.db").mkdir()
    with pytest.raises(PlaneError, match=r"plane\.db is a directory, not a regular file; remove it"):
        Plane(tmp_path).start()


def test_a_database_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    with live_plane(tmp_path):
        pass
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **how: connect(f"file:{path}?mode=ro", uri=True, **how))
    with pytest.raises(PlaneError) as error:  # as for a file without the right to write it, which root always has
        Plane(tmp_path).start()
    assert str(error.value) == f"{tmp_path / 'plane.db'}: attempt to write a readonly database"


@pytest.mark.parametrize("port_of", ["port", "signer_port"])
def test_a_port_in_use_starts_nothing(tmp_path, port_of):
    threads = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        plane = Plane(tmp_path, **{port_of: port})
        with pytest.raises(PlaneError, match=f"127.0.0.1:{port}"):
            plane.start()
    eventually(lambda: threading.active_count() == threads)
    again = Plane(tmp_path)
    again.start()  # nothing holds the directory
    again.stop()


def test_answers_do_not_wait_for_nagle():
    with server.listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # asyncio's condition for turning the delay off


def test_stopping_twice_or_before_the_start_is_no_harm(tmp_path):
    plane = Plane(tmp_path)
    plane.stop()
    plane.start()
    plane.stop()
    plane.stop()


def test_a_request_that_is_running_is_answered_before_the_stop(tmp_path):
    plane = Plane(tmp_path)
    plane.start()
    with half_a_request(plane.url, read_bearers(tmp_path)["admin"]) as finish:
        stopping = threading.Thread(target=plane.stop)
        stopping.start()
        eventually(lambda: not accepts(plane.url.removeprefix("http://")))
        answer = finish()
    stopping.join()
    assert answer.startswith(b"HTTP/1.1 201")


def test_the_signer_is_gone_with_the_plane(tmp_path):
    with live_plane(tmp_path) as plane:
        endpoint = plane.signer_endpoint
        with grpc.insecure_channel(endpoint) as channel:
            grpc.channel_ready_future(channel).result(timeout=PATIENCE_SECONDS)
    eventually(lambda: not accepts(endpoint))


def test_an_http_api_that_fails_while_it_starts_is_no_start(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("plexctl.local.http.server.Acceptor", fail)
    monkeypatch.setattr("plexctl.local.threads.os.kill", lambda *_: None)  # this process is the tests'
    with pytest.raises(PlaneError, match="the HTTP API cannot serve"):
        Plane(tmp_path).start()
    assert not (tmp_path / "state.json").exists()


def test_a_plane_listens_on_one_address_of_this_machine_only(plane):
    for endpoint in (plane.url.removeprefix("http://"), plane.signer_endpoint):
        assert endpoint.startswith("127.0.0.1:")
        assert accepts(endpoint)
        assert not accepts(endpoint.replace("127.0.0.1", "127.0.0.2"))  # which a listener on every address has as well
