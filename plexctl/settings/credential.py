"""The operator's bearer token: read from a file or a variable, and checked."""

import os
import re
import stat
from typing import NamedTuple

from plexctl.failures import Failure, Kind
from plexctl.settings.config import Profile

_LARGEST_BYTES = 16 * 1024
_BEARER = re.compile(r"[\x21-\x7e]+")


class Credential(NamedTuple):
    """A bearer token and where it was found; a token of a `profile` goes only to that profile's server and signer."""

    token: str
    origin: str
    profile: Profile | None = None

    def __repr__(self) -> str:
        return f"Credential(from {self.origin})"


def check_token(token: str, origin: str) -> str:
    """Return the token without surrounding white space.

    Raises: Failure(credential) unless it is visible ASCII, as a header requires.
    """
    token = token.strip()
    if not _BEARER.fullmatch(token):
        raise _unusable(origin, "does not contain a bearer token: one line of visible ASCII is expected")
    return token


def read_token_file(path: str) -> str:
    """Read a token from a regular file that only its owner can read.

    Raises: Failure(credential).
    """
    try:
        # without O_NONBLOCK, opening a FIFO would wait for a writer
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(f"--token-file {path}", f"cannot be read: {error.strerror}") from error
    try:
        _check_file(path, os.fstat(descriptor).st_mode)
        content = os.read(descriptor, _LARGEST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > _LARGEST_BYTES:
        raise _unusable(f"--token-file {path}", f"is longer than {_LARGEST_BYTES} bytes")
    return check_token(content.decode("ascii", "replace"), f"--token-file {path}")


def _check_file(path: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise _unusable(f"--token-file {path}", "is not a regular file")
    if stat.S_IMODE(mode) & ~0o600:
        raise _unusable(
            f"--token-file {path}",
            f"has mode {stat.S_IMODE(mode):04o}; 0600 or stricter is needed: chmod 600 {path}",
        )


def _unusable(subject: str, complaint: str) -> Failure:
    return Failure(Kind.CREDENTIAL, "No Usable Credential", f"{subject} {complaint}")
