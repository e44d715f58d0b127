"""The archive of `support bundle`: one member per question that support asks first, without any secret."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from plexctl import private_files
from plexctl.failures import Failure
from plexctl.render.document import as_json
from plexctl.render.failure import error_document
from plexctl.render.secrets import MASK, SECRET_KEY, masked

_MODE = 0o600


class Member(NamedTuple):
    """A file of the archive: its name, and the function that returns its JSON document or its text."""

    name: str
    read: "Callable[[], bytes | bytearray | Mapping[str, object] | str]"


class Content(NamedTuple):
    """What a member holds, and whether that is only the error for which it could not be read."""

    name: str
    data: bytes
    is_error: bool = False


def content_of(member: Member, secrets: "set[str]") -> Content:
    """Read a member; where that fails, it holds the error document."""
    try:
        found, is_error = member.read(), False
    except Failure as failure:
        found, is_error = error_document(failure, [], secrets), True
    text = found if isinstance(found, str) else b"".join(as_json(found)).decode()
    return Content(member.name, masked(text, secrets).encode(), is_error)


def redacted(value: Any, *, is_secret: bool = False) -> Any:  # noqa: ANN401  whatever JSON can express
    """Mask each string whose name is that of a secret, and each string inside an object or a list of such a name."""
    if isinstance(value, dict):
        return {key: redacted(each, is_secret=is_secret or _is_secret(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [redacted(each, is_secret=is_secret) for each in value]
    return MASK if is_secret and isinstance(value, str) else value


def _is_secret(name: str) -> bool:
    return SECRET_KEY.search(name) is not None


def problem_of(path: Path) -> str | None:
    """Say why an archive cannot have this path, or return None; nothing is written."""
    if path.is_dir():
        return "is a directory, not a file"
    if (path.exists() or path.is_symlink()) and (path.is_symlink() or not path.is_file()):
        return "is not a regular file"
    return None if path.parent.is_dir() else "is in no directory that exists"


def write(path: Path, contents: Iterable[Content]) -> None:
    """Write the archive (tar, gzip) with mode 0600, whole or not at all.

    Raises: OSError.
    """
    private_files.replace(path, _archive(contents))


def _archive(contents: Iterable[Content]) -> bytes:
    import io
    import tarfile
    import time

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for content in contents:
            header = tarfile.TarInfo(content.name)
            header.size, header.mode, header.mtime = len(content.data), _MODE, int(time.time())
            tar.addfile(header, io.BytesIO(content.data))
    return archive.getvalue()
