"""A JSON body that an operator brings, in a file or through stdin."""

import json
import os

from plexctl.failures import usage

_LARGEST = 16 * 1024 * 1024  # bytes
_STDIN = 0


def read_json(source: str) -> bytes:
    """Return a file's content as it stands, once it is known to be JSON; `-` is stdin.

    Raises: Failure(usage) where it cannot be read, is too large, or is not JSON.
    """
    content = _read(source)
    try:
        json.loads(content)
    except (ValueError, RecursionError) as error:
        raise usage(f"--input {source}", f"is not JSON: {error}") from None
    return content


def _read(source: str) -> bytes:
    try:
        descriptor = _STDIN if source == "-" else os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", closefd=source != "-") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise usage(f"--input {source}", f"cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise usage(f"--input {source}", f"is larger than {_LARGEST >> 20} MiB")
    return content
