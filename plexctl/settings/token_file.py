"""The file or pipe that --token-file names."""

import os
import select
import stat
import time

from plexctl.grammar import spell_seconds
from plexctl.permissions import advice_for, problem_of
from plexctl.settings.credential import check_token, unusable

_LARGEST = 16 * 1024  # bytes
_LONGEST_WAIT = 86_400.0  # seconds; poll takes no more milliseconds than an int holds


def read_token_file(path: str, seconds: float) -> str:
    """Read a token from a file that nobody else may read, or once from a pipe; `-` is stdin.

    A pipe has `seconds` to bring all of it.

    Raises: Failure(credential).
    """
    subject = f"--token-file {path}"
    if path == "-":
        if os.isatty(0):
            raise unusable(subject, "is a terminal here, which would show the token; use --token-file - < FILE")
        return read_token(0, subject, seconds)
    try:
        # not to wait for the other end of a pipe before it is known to be one
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise unusable(subject, f"cannot be read: {error.strerror}") from error
    try:
        _check_file(descriptor, path)
        return read_token(descriptor, subject, seconds)
    finally:
        os.close(descriptor)


def _check_file(descriptor: int, path: str) -> None:
    status = os.fstat(descriptor)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        raise unusable(f"--token-file {path}", "is neither a regular file nor a pipe")
    problem = problem_of(status)
    if problem is None and stat.S_IMODE(status.st_mode) & ~0o600:
        problem = f"has mode {stat.S_IMODE(status.st_mode):04o}; 0600 or stricter is needed"
    if problem:
        from shlex import quote

        advice = advice_for(descriptor, path, f"pass it through a pipe: --token-file - < {quote(path)}")
        raise unusable(f"--token-file {path}", f"{problem}; {advice}")


def read_token(descriptor: int, subject: str, seconds: float) -> str:
    """Read a token up to the end, which a writer sets, and no longer than one can be; `subject` is where it is from.

    Raises: Failure(credential).
    """
    end = time.monotonic() + seconds
    content = bytearray()
    waiting = select.poll()
    try:
        waiting.register(descriptor, select.POLLIN)
        while len(content) <= _LARGEST:
            left = min(max(0.0, end - time.monotonic()), _LONGEST_WAIT)
            if not waiting.poll(left * 1000):
                raise unusable(subject, f"brought no whole token within {spell_seconds(seconds)} (--timeout)")
            piece = _available(descriptor)
            if piece == b"":
                return check_token(content.decode("ascii", "replace"), subject)
            content += piece or b""
    except OSError as error:
        raise unusable(subject, f"cannot be read: {error.strerror}") from error
    raise unusable(subject, f"is longer than {_LARGEST} bytes")


def _available(descriptor: int) -> bytes | None:
    """Read what is there: nothing at the end, None where another reader has taken it."""
    try:
        return os.read(descriptor, _LARGEST + 1)
    except BlockingIOError:
        return None
