"""The start and the end of a run: only this module exits and turns a failure into output and an exit code."""

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
_END_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(BaseException):
    """SIGTERM arrived."""


def entry() -> NoReturn:
    """Run the command with the arguments of this process, and exit."""
    gc.set_threshold(100_000)  # a short run leaves little garbage, and its imports would trigger many collections
    for number in _END_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # a shell ignores SIGINT for background jobs
            signal.signal(number, _end)
    if sys.stdout is None:
        _open_stdout()
    code = run(sys.argv[1:])
    for number in _END_SIGNALS:  # a signal from here on must not change the exit code
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()  # no last collection is needed, since the process ends
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command, write its outcome, and return its exit code."""
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
    """Write the failure to stderr, with signals ignored meanwhile, and return its exit code."""
    with _uninterrupted():
        from plexctl.render.failure import report
        from plexctl.usage_errors import requested_format

        asked = invocation.settings.output if invocation.is_parsed else None
        output = asked or requested_format(arguments, invocation.environment)
        invocation.write_error(report(failure, output, invocation.warnings, invocation.secrets))
    return failure.exit_code


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _END_SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _open_stdout() -> None:
    """Replace a stdout that was closed from the start by a pipe without a reader, so that a write ends with 141.

    Otherwise help would seem to succeed, and the next file opened would become stdout.
    """
    reader, writer = os.pipe()
    os.dup2(writer, 1)
    for descriptor in {reader, writer} - {1}:
        os.close(descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  it stays open until the process ends


def _silence_stdout() -> None:
    """Redirect stdout to the null device; otherwise Python repeats the failed write when it exits."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _end(number: int, _: FrameType | None) -> NoReturn:
    """Raise the exception that ends the run; a second signal kills the process without a traceback."""
    for each in _END_SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated
