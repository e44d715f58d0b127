"""A whole plane in this process: the HTTP API, the signer, the outbox worker, and the files under them."""

import gc
import os
import resource
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path

from plexctl.local import data_directory, seed, signer
from plexctl.local.checkpoints import Checkpoints
from plexctl.local.control.base.transaction import Control, Settings
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.worker import Worker
from plexctl.local.data_directory import DATABASE, ROOT_KEY
from plexctl.local.http import app, server
from plexctl.local.plane_error import PlaneError
from plexctl.local.self_check import SelfCheck
from plexctl.local.sources import Sources, system_sources
from plexctl.local.state import SERVING, STOPPING, State
from plexctl.local.state_file import StateFile
from plexctl.local.store import Store, StoreError
from plexctl.local.vault import Vault, open_root_key

HTTP_THREADS = 8  # SQLite takes one writer at a time; more would only wait
SIGNER_GRACE_SECONDS = 5
LEAST_FILES = 64  # open at once: the database's connections, the signer, the log and a few clients

Opened = tuple[Store, Control]


class Plane:
    """A plane over one data directory; `port` and `signer_port` of 0 leave the choice to the system.

    An `ephemeral` plane removes its directory in the end. `run` calls the function that it is given, which may have to
    wait for the database, and returns what that returns.
    """

    def __init__(
        self,
        data_dir: Path,
        settings: Settings = Settings(),  # noqa: B008  it is frozen
        sources: Sources | None = None,
        *,
        port: int = 0,
        signer_port: int = 0,
        ephemeral: bool = False,
        run: Callable[[Callable[[], Opened]], Opened] = lambda work: work(),
    ) -> None:
        self.data_dir = data_dir
        self.port = port
        self.signer_port = signer_port
        self.control: Control
        self.state: State
        self._settings = settings
        self._sources = sources or system_sources()
        self._run = run
        self._file = StateFile(
            data_dir, ephemeral=ephemeral, options={"port": port, "signer_port": signer_port, **asdict(settings)}
        )
        self._check = SelfCheck()
        self._running = ExitStack()

    @property
    def url(self) -> str:
        """The URL of the HTTP API."""
        return f"http://{server.HOST}:{self.port}"

    @property
    def signer_endpoint(self) -> str:
        """The signer's HOST:PORT."""
        return f"{signer.HOST}:{self.signer_port}"

    def start(self) -> None:
        """Start, and return once the HTTP API and the signer answer; a plane that cannot start leaves nothing running.

        Raises: PlaneError where it cannot start; Interrupted, by `run`.
        """
        with ExitStack() as started:
            try:
                self._start(started)
            except OSError as error:
                raise PlaneError("Plane Not Started", f"{error.filename or self.data_dir}: {error.strerror}") from error
            except StoreError as error:
                raise PlaneError("Plane Not Started", f"{self.data_dir / DATABASE}: {error}") from error
            self._running = started.pop_all()
        spare_what_stays()

    def problems(self) -> list[str]:
        """Say what is wrong with the plane's files and threads, one sentence per problem."""
        return self._check.problems()

    def stop(self) -> None:
        """Let running requests finish, then stop; does nothing when the plane is not running."""
        self._running.close()

    def _start(self, started: ExitStack) -> None:
        """Start from the bottom up, noting how to undo each step."""
        _forbid_core_dumps()
        _check_file_limit()
        data_directory.create(self.data_dir)
        self._file.take()
        started.callback(self._file.release)
        listener = server.listen(self.port)
        started.callback(listener.close)
        store, control = self._run(self._open)
        started.callback(store.close)
        self.control = control
        others = set(threading.enumerate())
        self._serve(started, control, listener)
        control.health.add("plane", self._check.health)
        self._check.note_threads(set(threading.enumerate()) - others)
        self._check.note_files([self.data_dir, self._file.path, *data_directory.database_files(self.data_dir)])
        self.state = self._file.write(
            phase=SERVING, url=self.url, signer_endpoint=self.signer_endpoint, started_at=to_wire(control.clock())
        )
        started.callback(self._note_stop)

    def _open(self) -> Opened:
        database = self.data_dir / DATABASE
        for path in data_directory.database_files(self.data_dir):
            os.close(data_directory.open_file(path))
        os.close(data_directory.open_file(database, os.O_RDWR | os.O_CREAT))  # or SQLite would follow the umask
        store = Store(database)
        try:
            vault = Vault(open_root_key(self.data_dir / ROOT_KEY), self._sources.random_bytes)
            control = Control(store, vault, self._sources.now, self._settings)
            seed.ensure(control, self.data_dir)
        except BaseException:
            store.close()
            raise
        return store, control

    def _serve(self, started: ExitStack, control: Control, listener: socket.socket) -> None:
        checkpoints = Checkpoints(control.store)
        checkpoints.start()
        started.callback(checkpoints.stop)
        worker = Worker(control)
        worker.start()
        started.callback(worker.stop)
        calls, self.signer_port = signer.start_signer(control, self.signer_port, worker.wake)
        started.callback(lambda: calls.stop(SIGNER_GRACE_SECONDS).wait())
        threads = started.enter_context(ThreadPoolExecutor(HTTP_THREADS, thread_name_prefix="http"))
        self.port = listener.getsockname()[1]
        started.callback(server.start(app.create(control, threads, worker.wake), listener))
        started.callback(control.listeners.close)

    def _note_stop(self) -> None:
        with suppress(OSError):  # a full disk must not keep the plane from stopping
            self._file.write(phase=STOPPING)


def spare_what_stays() -> None:
    """Exempt what is in memory now from garbage collection, so that it does not prolong the collector's pauses."""
    gc.freeze()


def _forbid_core_dumps() -> None:
    """Keep the root key, which is in this process's memory, out of files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _check_file_limit() -> None:
    """Refuse to start where the libraries would run out of files, which they report as something else, or by aborting.

    Raises: PlaneError.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files != resource.RLIM_INFINITY and files < LEAST_FILES:
        detail = f"a plane needs {LEAST_FILES} open files, and this process may have {files}"
        raise PlaneError("Plane Not Started", detail, "run: ulimit -n 1024")
