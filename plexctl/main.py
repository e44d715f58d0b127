"""Where a run starts and ends: the only place that exits, and that turns a failure into output and an exit code."""

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from plexctl.failures import STDOUT_CLOSED, TERMINATED, Failure, Kind
from plexctl.settings.environment import Environment

if TYPE_CHECKING:
    from plexctl.invocation import Invocation

PROGRAM = "plexctl"
COMPLETION = "_PLEXCTL_COMPLETE"
_ENDING = (signal.SIGINT, signal.SIGTERM)


class Terminated(BaseException):
    """SIGTERM arrived."""


def entry() -> NoReturn:
    """Run the command with this process's arguments, and exit."""
    gc.set_threshold(100_000)  # a short run leaves little garbage, and importing would search for it time and again
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as a shell starts what is to survive Ctrl-C
            signal.signal(number, _end)
    if sys.stdout is None:
        _open_stdout()
    code = run(sys.argv[1:])
    for number in _ENDING:  # all is said; Python's own ending has nothing to add
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()  # nor need it search for garbage once more, since all memory goes with the process
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code; every outcome has been written by then."""
    environment = Environment(os.environ)
    invocation = None
    try:
        from plexctl.invocation import Invocation

        invocation = Invocation(environment)
        return _run_tree(arguments, invocation)
    except BrokenPipeError:
        _silence_stdout()
        return STDOUT_CLOSED
    except (Exception, KeyboardInterrupt, Terminated) as error:
        if environment.debug and not isinstance(error, Failure | OSError | KeyboardInterrupt | Terminated):
            raise
        return _report(_failure_of(error), arguments, invocation or Invocation(environment))


def _run_tree(arguments: Sequence[str], invocation: "Invocation") -> int:
    import click

    from plexctl.command import Root
    from plexctl.usage_errors import failure_of_usage

    root = Root()
    instruction = invocation.environment.get(COMPLETION)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(root, {"obj": invocation}, PROGRAM, COMPLETION, instruction)
    try:
        with contextlib.closing(invocation), root.make_context(PROGRAM, list(arguments), obj=invocation) as context:
            root.invoke(context)
    except click.exceptions.Exit as done:
        return _finish(invocation, done.exit_code)
    except click.UsageError as error:
        raise failure_of_usage(error) from error
    return _finish(invocation, 0)


def _finish(invocation: "Invocation", code: int) -> int:
    sys.stdout.flush()
    invocation.flush_warnings()
    return code


def _failure_of(error: BaseException) -> Failure:
    match error:
        case Failure():
            return error
        case KeyboardInterrupt():
            return Failure(Kind.INTERRUPTED, "interrupted")
        case Terminated():
            return Failure(Kind.INTERRUPTED, "terminated", exit_code=TERMINATED)
        case OSError():
            _silence_stdout()
            where = f"{error.filename}: " if error.filename else ""
            return Failure(Kind.LOCAL, "Local Failure", f"{where}{error.strerror or error}")
    detail = f"{type(error).__name__}: {error}; PLEXCTL_DEBUG=1 shows where"
    return Failure(Kind.LOCAL, "Unexpected Error", detail)


def _report(failure: Failure, arguments: Sequence[str], invocation: "Invocation") -> int:
    """Write the failure to stderr; nothing may interrupt that, and a stderr that is gone changes nothing."""
    with _uninterrupted():
        from plexctl.render.failure import report
        from plexctl.usage_errors import requested_format

        asked = invocation.settings.output if invocation.is_parsed else None
        output = asked or requested_format(arguments, invocation.environment)
        invocation.write_error(report(failure, output, invocation.warnings, invocation.secrets))
    return failure.exit_code


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _open_stdout() -> None:
    """Make a stdout that was closed from the start a pipe that nobody reads, so that writing to it ends as with head.

    Without it help would seem to succeed, and the next file opened would be taken for stdout.
    """
    reader, writer = os.pipe()
    os.dup2(writer, 1)
    for descriptor in {reader, writer} - {1}:
        os.close(descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  it stays open to the end


def _silence_stdout() -> None:
    """Point stdout elsewhere, since Python would try the same write again when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _end(number: int, _: FrameType | None) -> NoReturn:
    """Raise what ends the run; a further signal ends the process at once, with no traceback of where it came."""
    for each in _ENDING:
        signal.signal(each, signal.SIG_DFL)
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated
