"""--watch: what a command shows, again whenever it has changed; one view on a terminal, a stream in a pipe."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from operator import eq
from typing import NoReturn, Protocol, Self

from plexctl.failures import Failure
from plexctl.invocation import Invocation
from plexctl.polling import pause
from plexctl.streams import Recording, check_stdout

_DEFAULT_INTERVAL_NS = 2_000_000_000


class View(AbstractContextManager["View"], Protocol):
    """Where looks are shown; it ends with the run."""

    def update(self, recording: Recording) -> None:
        """Show what a look has found."""

    def report(self, failure: Failure) -> None:
        """Say that a look has failed, and that there will be another."""

    def check(self) -> None:
        """Notice, between two looks, what has become of the place where they are shown."""


def watch(run: Invocation, show: Callable[[], None], interval_ns: int | None) -> NoReturn:
    """Call what shows something again and again, and show it where it has changed, until the run is interrupted.

    A failure of the first look is the command's own. Later transient failures are reported, and watching continues.

    Raises: Failure; KeyboardInterrupt; StdoutClosed.
    """
    interval_seconds = (interval_ns or _DEFAULT_INTERVAL_NS) / 1e9
    first = _record(run, show)
    with _view(run, interval_seconds) as view:
        view.update(first)
        del first  # it may be large
        pause_seconds = interval_seconds
        while True:
            pause(pause_seconds, view.check)
            try:
                view.update(_record(run, show))
                pause_seconds = interval_seconds
            except Failure as failure:
                if not failure.is_transient:
                    raise
                view.report(failure)
                pause_seconds = max(interval_seconds, failure.retry_after_seconds or 0.0)


def _record(run: Invocation, show: Callable[[], None]) -> Recording:
    run.recording = recording = Recording()
    try:
        show()
    finally:
        run.recording = None
    return recording


def _digests(recording: Recording) -> tuple[bytes, bytes]:
    """Return the digests of what a look shows, and of the document behind that; both may be too large to be kept.

    Two looks at the same state have one of them in common: a part of the document may be its time, and another part
    may stay as it is while the document changes.
    """
    from hashlib import blake2b

    shown = blake2b()
    for piece in recording.data:
        shown.update(piece)
    return shown.digest(), recording.document_digest or shown.digest()


def _view(run: Invocation, interval_seconds: float) -> View:
    if run.in_text and run.is_stdout_terminal and not run.environment.is_terminal_dumb:
        from plexctl.live_view import LiveView

        return LiveView(run, interval_seconds)
    return _Stream(run)


class _Stream(View):
    """One document per change, and each note once until a look has another one."""

    _starts = {"text": b"\n", "name": b"\n", "yaml": b"---\n", "json": b""}  # noqa: RUF012  a table that nothing changes

    def __init__(self, run: Invocation) -> None:
        self._run = run
        self._last = (b"", b"")
        self._notes = set[str]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, recording: Recording) -> None:
        """Write a document if it is another one than the last."""
        notes = {text.partition(" --cursor ")[0]: text for text in recording.notes}
        for start, text in notes.items():
            if start not in self._notes:
                self._run.write_error(text)
        self._notes = set(notes)
        self._run.progress("")
        digests, is_first = _digests(recording), not any(self._last)
        if any(map(eq, digests, self._last)):
            return
        output = self._run.settings.output
        if output == "yaml" or not is_first:
            self._run.write(self._starts[output])
        self._last = digests
        for piece in recording.data:
            self._run.write(piece)

    def report(self, failure: Failure) -> None:
        """Show progress on a terminal, and warn once in a pipe."""
        text = f"watching goes on after {failure.summary}"
        if self._run.can_show_progress:
            self._run.progress(self._run.in_one_line(text))
        elif text not in self._run.warnings:
            self._run.warn(text)

    def check(self) -> None:
        """Notice that nobody reads any more, which is the end.

        Raises: StdoutClosed.
        """
        check_stdout()
