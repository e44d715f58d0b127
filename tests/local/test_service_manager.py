"""`local serve` informs its service manager, by a datagram socket, that the plane answers and that it stops."""

import secrets
import signal
import socket
import sys

import pytest

from plexctl.local import service_manager
from tests.local.processes import FREE, is_alive, started
from tests.waiting import PATIENCE_SECONDS, eventually

# Only Linux has abstract names.
KINDS = ["path", "abstract"] if sys.platform == "linux" else ["path"]


@pytest.fixture(params=KINDS)
def manager(request, tmp_path):
    """A service manager's socket, and its address as NOTIFY_SOCKET has it."""
    if request.param == "abstract":
        address = f"@plexctl-{secrets.token_hex(8)}"
        name = f"\0{address[1:]}"
    else:
        name = address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(PATIENCE_SECONDS)
        listening.bind(name)
        yield listening, address


def test_a_plane_that_answers_is_ready_and_one_that_ends_is_stopping(plexctl, manager):
    listening, address = manager
    with plexctl.start(f"local serve {FREE}", NOTIFY_SOCKET=address) as child:
        assert listening.recv(100) == b"READY=1"
        assert plexctl("local status").code == 0
        child.send_signal(signal.SIGTERM)
        assert listening.recv(100) == b"STOPPING=1"
        child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == 0
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.recv(100)


def test_a_plane_in_the_background_informs_nobody(plexctl, tmp_path):
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(address))
        listening.setblocking(False)
        plexctl.environment["NOTIFY_SOCKET"] = str(address)
        pid = started(plexctl)["pid"]
        assert plexctl("local stop").code == 0
        eventually(lambda: not is_alive(pid))
        with pytest.raises(BlockingIOError):
            listening.recv(100)


@pytest.mark.parametrize("address", [None, "", "/nowhere/notify", "@nobody-listens-here", "x" * 300])
def test_a_manager_that_does_not_listen_changes_nothing(address):
    service_manager.notify(address, service_manager.READY)


def test_a_manager_that_reads_nothing_holds_nothing_up(tmp_path):
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        for _ in range(10_000):  # more than its queue holds
            service_manager.notify(address, service_manager.STOPPING)
        assert listening.recv(100) == b"STOPPING=1"
