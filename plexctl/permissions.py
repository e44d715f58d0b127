"""Whom a file or directory belongs to and who else may use it: the one check before plexctl trusts what is in it."""

import os
import stat

_OTHERS_WRITE = 0o022
_OTHERS_READ = 0o044


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


def advice_for(descriptor: int, path: str, otherwise: str) -> str:
    """Tell how to make a file private; `otherwise` is what to do where the caller cannot change its mode."""
    import shlex

    is_fixed = os.fstatvfs(descriptor).f_flag & os.ST_RDONLY
    if is_fixed or os.fstat(descriptor).st_uid != os.geteuid():
        return otherwise
    return f"run: chmod 600 {shlex.quote(path)}"
