"""Proof that a process id still belongs to the process that noted it; without it, nothing is signalled."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Unproven(Exception):  # noqa: N818  it is an answer, as that of a process that has ended is
    """The process of a state file cannot be distinguished from others here, such as one in another container."""


class Birth(NamedTuple):
    """What no other process shares with one of the same id: the machine's boot, the pid namespace and the start time.

    `place` is the boot and the namespace, `started` the start time; both are opaque, and only equal ones mean anything.
    """

    place: str
    started: str


def own_birth() -> Birth:
    """Describe this process; `started` is empty where the system does not tell."""
    if sys.platform == "linux" and not _is_proc_ours():
        return Birth("", "")
    return Birth(_place(), _started(str(os.getpid())))


def is_gone(pid: int, noted: Birth) -> bool:
    """Tell whether the process that noted its birth has certainly ended."""
    return bool(noted.started) and noted.place == _place() and _started(str(pid)) != noted.started


def send(pid: int, noted: Birth, number: int) -> bool:
    """Send a signal to the process that noted its birth, and return False where that process has ended.

    Raises: Unproven, with nothing sent; PermissionError.
    """
    if not noted.started or noted.place != _place():
        raise Unproven
    with contextlib.suppress(ProcessLookupError), _target(pid) as deliver:
        if _started(str(pid)) == noted.started:
            deliver(number)
            return True
    return False


def _is_proc_ours() -> bool:
    """Tell whether /proc lists the processes of this process's own pid namespace, and not of an outer one."""
    try:
        return Path("/proc/self").readlink().name == str(os.getpid())
    except OSError:
        return False


def _place() -> str:
    """Name the boot and the pid namespace that this process's ids belong to; macOS has one of each."""
    if sys.platform != "linux":
        return sys.platform
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(name: str) -> str:
    """Return when a process started, in the system's own form; empty where there is none, or only what it left."""
    if sys.platform != "linux":
        command = ["/bin/ps", "-o", "lstart=", "-p", name]
        done = subprocess.run(command, capture_output=True, check=False, env={"LC_ALL": "C"})
        return done.stdout.decode().strip()
    try:
        fields = Path(f"/proc/{name}/stat").read_text().rpartition(") ")[2].split()
    except (OSError, ValueError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]


@contextmanager
def _target(pid: int) -> Iterator[Callable[[int], None]]:
    """Pin a process, where the system can, so that the signal reaches it or nobody."""
    descriptor = -1
    if sys.platform == "linux":
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            raise
        except OSError:  # an old kernel, or a sandbox that does not know the call
            descriptor = -1
    if descriptor < 0:
        yield lambda number: os.kill(pid, number)
        return
    try:
        yield lambda number: signal.pidfd_send_signal(descriptor, number)
    finally:
        os.close(descriptor)
