"""Who owns a file or directory and who else may use it: the one check before plexctl trusts what is in it."""

import errno
import os
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


def open_file(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a regular file for secrets, and return its descriptor once the file behind it has passed the check.

    It is no link, and it belongs to the caller or root and to nobody else. A file that `flags` create has mode 0600. A
    pipe is refused at once, without a wait for its other end.

    Raises: UntrustedError; OSError.
    """
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link; a pipe without a reader, or a socket
            _check_is_file(path, path.lstat())
        raise
    try:
        _check_is_file(path, os.fstat(descriptor))
        _check(descriptor, path, "move it away", "600")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def check_directory(path: Path) -> None:
    """Check a directory for secrets: it is no link, it belongs to the caller or root, and nobody else can use it.

    Nor can anybody else replace it, which takes the right to write one of its parents.

    Raises: UntrustedError; OSError.
    """
    if stat.S_ISLNK(path.lstat().st_mode):
        raise UntrustedError(f"{path} is a link", f"name the directory itself: {os.path.realpath(path)}")
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check(descriptor, path, "choose a directory of your own", "700")
    finally:
        os.close(descriptor)
    for parent in Path(os.path.realpath(path)).parents:
        status = parent.stat()
        if status.st_mode & _OTHERS_WRITE and not status.st_mode & stat.S_ISVTX and not _is_own_group(status):
            detail = f"{parent} has mode {stat.S_IMODE(status.st_mode):04o}, so that others can replace what is in it"
            raise UntrustedError(detail, "choose another directory, or take that right from them")


def problem_of(status: os.stat_result, *, secret: bool = True) -> str | None:
    """Say why a file or directory is not to be trusted, or return None; `status` is that of an open descriptor.

    It has to belong to the caller or root. Nobody else may write it, nor read it where it holds a secret.
    """
    if status.st_uid not in (os.geteuid(), 0):
        return f"belongs to user {status.st_uid}, not to you or root"
    mode = f"has mode {stat.S_IMODE(status.st_mode):04o}, so that others can"
    if status.st_mode & _OTHERS_WRITE:
        return f"{mode} write it"
    return f"{mode} read it" if secret and status.st_mode & _OTHERS_READ else None


def advice_for(descriptor: int, path: str, otherwise: str, mode: str = "600") -> str:
    """Tell how to make a file private; `otherwise` is what to do where the caller cannot change its mode."""
    import shlex

    is_fixed = os.fstatvfs(descriptor).f_flag & os.ST_RDONLY
    if is_fixed or os.fstat(descriptor).st_uid != os.geteuid():
        return otherwise
    return f"run: chmod {mode} {shlex.quote(path)}"


def _check(descriptor: int, path: Path, otherwise: str, mode: str) -> None:
    problem = problem_of(os.fstat(descriptor))
    if problem:
        raise UntrustedError(f"{path} {problem}", advice_for(descriptor, str(path), otherwise, mode))


def _check_is_file(path: Path, status: os.stat_result) -> None:
    found = _NOT_A_FILE.get(stat.S_IFMT(status.st_mode))
    if found:
        raise UntrustedError(f"{path} is {found}, not a regular file", "remove it")


def _is_own_group(status: os.stat_result) -> bool:
    """Tell whether only the caller and root are in the group that may write, as where every user has a group."""
    if status.st_mode & stat.S_IWOTH:
        return False
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(status.st_gid), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return group.gr_name in (user, "root") and set(group.gr_mem) <= {user, "root"}
