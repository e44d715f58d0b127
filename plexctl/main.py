"""Where a process starts and ends: it answers to signals from the first instruction on, and is the only one to exit.

Only built-in modules are imported first, since no signal handler is set yet.
"""

import _signal  # type: ignore[import-not-found]  # what `signal` wraps, which takes milliseconds to import
import gc
import os
import sys

TYPE_CHECKING = False  # typing has one too, and takes as long
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import NoReturn

    Handler = Callable[[int, FrameType | None], object] | int

_WORDS = {_signal.SIGINT: "interrupted", _signal.SIGTERM: "terminated"}
_received: "list[int]" = []  # the signal that has interrupted the run


def entry() -> "NoReturn":
    """Run the command with this process's arguments, and exit."""
    if sys.platform == "win32":
        sys.exit(_refuse_windows())
    try:
        _on_signals(_interrupt)
        sys.unraisablehook = _end_if_interrupted
        from plexctl import outcome, streams

        _prepare()
        code, report = outcome.outcome_of(sys.argv[1:], _received)
        _on_signals(_leave if report else _signal.SIG_IGN)
    except KeyboardInterrupt as interrupt:  # during an import, or between the run and its end
        code = _end_interrupted(interrupt)
    else:
        streams.write_stderr(report)
    _on_signals(_signal.SIG_IGN)  # all is said; Python's own ending has nothing to add
    gc.freeze()  # nor need it search for garbage once more, since all memory goes with the process
    sys.exit(code)


def run(arguments: "Sequence[str]") -> int:
    """Run the command and return its exit code; every outcome has been written by then."""
    from plexctl import outcome, streams

    code, report = outcome.outcome_of(arguments)
    streams.write_stderr(report)
    return code


def _refuse_windows() -> int:
    """Write the line that names what Windows lacks, and return the exit code; Click would import more that it lacks."""
    lacking = "Windows lacks fcntl, resource and pwd, by which plexctl keeps its files private and runs the local plane"
    os.write(2, f"plexctl: Unsupported System: {lacking}; run plexctl in WSL, on Linux or on macOS\n".encode())
    return 1


def _prepare() -> None:
    import warnings

    from plexctl import streams

    gc.set_threshold(100_000)  # a short run leaves little garbage, and importing would search for it time and again
    warnings.simplefilter("ignore")
    warnings.showwarning = lambda *_, **__: None  # a library that sets a filter of its own warns nobody either
    streams.open_closed_streams()


def _on_signals(handler: "Handler") -> None:
    """Set what answers SIGINT and SIGTERM; one that is ignored from the start stays so, as with `trap "" INT`."""
    for number in _WORDS:
        if _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, handler)


def _interrupt(number: int, _: "FrameType | None") -> "NoReturn":
    """End the run by an exception that names the signal; a further signal ends the process at once."""
    _on_signals(_signal.SIG_DFL)
    _received.append(number)
    raise KeyboardInterrupt(number)


def _leave(number: int, _: "FrameType | None") -> "NoReturn":
    """End the process without a message, since part of its report may already be written."""
    os._exit(128 + number)


def _end_interrupted(interrupt: KeyboardInterrupt) -> int:
    """Write what an interrupted run ends with, in the form that it asks for, and return its exit code."""
    try:
        from plexctl import outcome, streams

        code, report = outcome.outcome_of_interrupt(interrupt, sys.argv[1:])
    except (Exception, KeyboardInterrupt):  # noqa: BLE001  an import that was cut off may not work the second time
        return _end_in_short(interrupt)
    streams.write_stderr(report)
    return code


def _end_in_short(interrupt: KeyboardInterrupt) -> int:
    """Write the line of an interrupted run without any import, and return its exit code."""
    number = interrupt.args[0] if interrupt.args else _signal.SIGINT
    try:  # noqa: SIM105  contextlib would have to be imported
        os.write(2, f"plexctl: {_WORDS[number]}\n".encode())
    except OSError:
        pass  # a stderr that cannot be written to changes nothing else
    return 128 + int(number)


def _end_if_interrupted(lost: "sys.UnraisableHookArgs") -> None:
    """End the process where the interrupt came in a place that lets no exception out, such as a weak reference's end.

    Python would write any other such exception to stderr, which it does not concern.
    """
    if isinstance(lost.exc_value, KeyboardInterrupt):
        os._exit(_end_in_short(lost.exc_value))
