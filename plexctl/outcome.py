"""One run, from its arguments to its exit code: the only place that turns a failure into output."""

import contextlib
import os
from collections.abc import Callable, Sequence
from signal import SIGTERM
from typing import TYPE_CHECKING, NamedTuple

from plexctl.failures import STDOUT_CLOSED, TERMINATED, Failure, Kind
from plexctl.invocation import Invocation
from plexctl.settings.environment import Environment
from plexctl.streams import StdoutClosed

if TYPE_CHECKING:
    import click

PROGRAM = "plexctl"
_SHORT_BYTES = 1 << 16  # a server's document of that length takes no time worth counting
COMPLETION = "_PLEXCTL_COMPLETE"
_UNIX_MODULES = ("fcntl", "grp", "pwd", "resource")


class Outcome(NamedTuple):
    """How a run ended: its exit code, and what remains to be written to stderr."""

    code: int
    report: str = ""


def outcome_of(arguments: Sequence[str], received: Sequence[int] = ()) -> Outcome:
    """Run the command; `received` has the signal that interrupts the run, once it has come.

    Raises: KeyboardInterrupt where a signal comes outside of the run itself; Exception, an unexpected one that
    PLEXCTL_DEBUG=1 shows.
    """
    invocation = Invocation(Environment(os.environ))
    try:
        return Outcome(_run(arguments, invocation))
    except StdoutClosed:
        return Outcome(STDOUT_CLOSED)
    except (Exception, KeyboardInterrupt) as error:  # which an extension module raises in place of the interrupt
        failure = _failure_of(KeyboardInterrupt(*received) if received else error)
        if failure is None and invocation.environment.debug:
            raise
        failure = failure or _unexpected(error)
    try:
        return _reported(failure, arguments, invocation)
    except KeyboardInterrupt as interrupt:
        return _reported(_interruption(interrupt), arguments, invocation)


def outcome_of_interrupt(interrupt: KeyboardInterrupt, arguments: Sequence[str]) -> Outcome:
    """Report an interrupt that came before the run, or after it."""
    return _reported(_interruption(interrupt), arguments, Invocation(Environment(os.environ)))


def _run(arguments: Sequence[str], invocation: Invocation) -> int:
    import click

    from plexctl.command import Root
    from plexctl.usage_errors import failure_of_usage

    root = Root()
    if invocation.environment.get(COMPLETION):
        from plexctl.completion.answer import answer

        with contextlib.closing(invocation):
            invocation.write(answer(root, arguments, invocation))
        return 0
    code = 0
    try:
        with contextlib.closing(invocation), _context(root, arguments, invocation) as context:
            root.invoke(context)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.UsageError as error:
        raise failure_of_usage(error) from error
    invocation.flush_warnings()
    return code


def _context(root: "click.Command", arguments: Sequence[str], invocation: Invocation) -> "click.Context":
    return root.make_context(PROGRAM, list(arguments), obj=invocation)


def _failure_of(error: BaseException) -> Failure | None:
    """Return the failure that an exception stands for, or None for one that nobody has thought of."""
    interrupt = _interrupt_behind(error)
    if interrupt is not None:
        return _interruption(interrupt)
    if isinstance(error, Failure):
        return error
    if isinstance(error, ModuleNotFoundError) and error.name in _UNIX_MODULES:
        lacking = f"Python has no {error.name} here, which plexctl needs; run plexctl in WSL, on Linux or on macOS"
        return Failure(Kind.LOCAL, "Unsupported System", lacking)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Failure(Kind.LOCAL, "Local Failure", f"{where}{error.strerror or error}")
    return None


def _interrupt_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """Find the interrupt that another exception has come of, as where an import fails because of it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


def _interruption(interrupt: KeyboardInterrupt) -> Failure:
    if interrupt.args == (SIGTERM,):
        return Failure(Kind.INTERRUPTED, "terminated", exit_code=TERMINATED)
    return Failure(Kind.INTERRUPTED, "interrupted")


def _unexpected(error: BaseException) -> Failure:
    detail = f"{type(error).__name__}: {error}; PLEXCTL_DEBUG=1 shows where"
    return Failure(Kind.LOCAL, "Unexpected Error", detail)


def _reported(failure: Failure, arguments: Sequence[str], invocation: Invocation) -> Outcome:
    from plexctl.render.failure import report
    from plexctl.usage_errors import requested_format

    invocation.progress("")
    asked = invocation.settings.output if invocation.is_parsed else None
    output = asked or requested_format(arguments, invocation.environment)

    def render(failure: Failure) -> str:
        return report(failure, output, invocation.warnings, invocation.secrets)

    text = _rendered_in_time(failure, render, invocation)
    return Outcome(failure.exit_code, invocation.coloured(text, "red"))


def _rendered_in_time(failure: Failure, render: Callable[[Failure], str], invocation: Invocation) -> str:
    """Render a failure; a server's long document has the rest of the deadline, and at least a tenth of it."""
    length = len(failure.title) + len(failure.detail) + sum(len(text) for _, text in failure.extensions)
    if invocation.deadline is None or length < _SHORT_BYTES:
        return render(failure)
    from plexctl.clients.deadline import Deadline, DeadlineExceededError

    left = max(invocation.deadline.remaining(), invocation.deadline.seconds / 10)
    try:
        return Deadline(left).run(lambda: render(failure))
    except DeadlineExceededError:
        failure.drop_document()
        return render(failure)
