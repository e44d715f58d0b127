"""A whole plane in this process: the HTTP API, the signer, the outbox worker, and the files under them."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from plexctl.local import data_directory, seed, signer
from plexctl.local.control.base.transaction import Control, Settings
from plexctl.local.control.worker import Worker
from plexctl.local.data_directory import DATABASE, ROOT_KEY, Lock
from plexctl.local.http import app, server
from plexctl.local.plane_error import PlaneError
from plexctl.local.sources import Sources, system_sources
from plexctl.local.store import Store, StoreError
from plexctl.local.vault import Vault, open_root_key

HTTP_THREADS = 8  # SQLite takes one writer at a time; more would only wait
SIGNER_GRACE_SECONDS = 5


class Plane:
    """A plane over one data directory. `port` and `signer_port` of 0 leave the choice to the system."""

    def __init__(
        self,
        data_dir: Path,
        settings: Settings = Settings(),  # noqa: B008  frozen
        sources: Sources | None = None,
        *,
        port: int = 0,
        signer_port: int = 0,
    ) -> None:
        self.data_dir = data_dir
        self.port = port
        self.signer_port = signer_port
        self.control: Control
        self._settings = settings
        self._sources = sources or system_sources()
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

        Raises: PlaneError.
        """
        with ExitStack() as started:
            try:
                self._start(started)
            except OSError as error:
                raise PlaneError("Plane Not Started", f"{error.filename}: {error.strerror}") from error
            except StoreError as error:
                raise PlaneError("Plane Not Started", f"{self.data_dir / DATABASE}: {error}") from error
            self._running = started.pop_all()

    def stop(self) -> None:
        """Let running requests finish, then stop; does nothing when the plane is not running."""
        self._running.close()

    def _start(self, started: ExitStack) -> None:
        """Start from the bottom up, noting how to undo each step."""
        data_directory.create(self.data_dir)
        lock = Lock(self.data_dir)
        lock.acquire()
        started.callback(lock.release)
        listener = server.listen(self.port)
        started.callback(listener.close)
        control = self.control = self._open(started)
        worker = Worker(control)
        worker.start()
        started.callback(worker.stop)
        self._serve(started, control, worker.wake, listener)

    def _open(self, started: ExitStack) -> Control:
        store = Store(self.data_dir / DATABASE)
        started.callback(store.close)
        vault = Vault(open_root_key(self.data_dir / ROOT_KEY), self._sources.random_bytes)
        control = Control(store, vault, self._sources.now, self._settings)
        seed.ensure(control, self.data_dir)
        return control

    def _serve(self, started: ExitStack, control: Control, wake: Callable[[], None], listener: socket.socket) -> None:
        calls, self.signer_port = signer.start_signer(control, self.signer_port, wake)
        started.callback(lambda: calls.stop(SIGNER_GRACE_SECONDS).wait())
        threads = started.enter_context(ThreadPoolExecutor(HTTP_THREADS, thread_name_prefix="http"))
        self.port = listener.getsockname()[1]
        started.callback(server.start(app.create(control, threads, wake), listener))
