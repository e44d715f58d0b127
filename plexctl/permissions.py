"""One check for every file and directory that plexctl trusts: who owns it, and who else may read or write it."""

import errno
import os
import shlex
import stat
from pathlib import Path

_OTHERS_WRITE = 0o022
_OTHERS_READ = 0o044
_NOT_A_FILE = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFLNK: "a link",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class UntrustedError(Exception):
    """A file or directory that must not be used: `detail` says why, `advice` what to do."""

    def __init__(self, detail: str, advice: str) -> None:
        super().__init__(f"{detail}; {advice}")
        self.detail = detail
        self.advice = advice


def open_file(path: Path, flags: int = os.O_RDONLY, *, is_secret: bool = True, follow_links: bool = False) -> int:
    """Open a regular file, and return its descriptor once the file behind it has passed the check.

    It belongs to the caller or root, nobody else can write it, and nobody else can read it where it `is_secret`. A file
    that `flags` create has mode 0600. A pipe is refused at once, without a wait for its other end.

    Raises: UntrustedError; OSError.
    """
    link_flag = 0 if follow_links else os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | link_flag, 0o600)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link; a pipe without a reader, or a socket
            _check_is_file(path, path.lstat())
        raise
    try:
        status = os.fstat(descriptor)
        _check_is_file(path, status)
        _check_owner(path, status, "move it away")
        _check_mode(path, status, _OTHERS_WRITE | (_OTHERS_READ if is_secret else 0), "600")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def check_directory(path: Path) -> None:
    """Check a directory for secrets: the caller's or root's, mode 0700, in parents where nobody else can replace it.

    Raises: UntrustedError; OSError.
    """
    if stat.S_ISLNK(path.lstat().st_mode):
        raise UntrustedError(f"{path} is a link", f"name the directory itself: {os.path.realpath(path)}")
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    _check_owner(path, status, "choose a directory of your own")
    _check_mode(path, status, _OTHERS_WRITE | _OTHERS_READ, "700")
    for parent in Path(os.path.realpath(path)).parents:
        status = parent.stat()
        if not status.st_mode & stat.S_ISVTX and not _is_own_group(status):
            _check_mode(parent, status, _OTHERS_WRITE, "go-w")


def _check_is_file(path: Path, status: os.stat_result) -> None:
    found = _NOT_A_FILE.get(stat.S_IFMT(status.st_mode))
    if found:
        raise UntrustedError(f"{path} is {found}, not a regular file", "remove it")


def _check_owner(path: Path, status: os.stat_result, advice: str) -> None:
    if status.st_uid not in (os.geteuid(), 0):
        raise UntrustedError(f"{path} belongs to user {status.st_uid}, not to you or root", advice)


def _check_mode(path: Path, status: os.stat_result, forbidden: int, mode: str) -> None:
    """Refuse a mode that gives others any of the `forbidden` rights; `mode` is what chmod should set."""
    granted = status.st_mode & forbidden
    if granted:
        verb = "write" if granted & _OTHERS_WRITE else "read"
        detail = f"{path} has mode {stat.S_IMODE(status.st_mode):04o}, so that others can {verb} it"
        raise UntrustedError(detail, f"run: chmod {mode} {shlex.quote(str(path))}")


def _is_own_group(status: os.stat_result) -> bool:
    """Tell whether only the caller and root are in the group that may write, as where each user has a group."""
    if status.st_mode & stat.S_IWOTH or not status.st_mode & stat.S_IWGRP:
        return False
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(status.st_gid), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return group.gr_name in (user, "root") and set(group.gr_mem) <= {user, "root"}
