"""Which files and directories are trusted: judged on the open descriptor, and named in one line where they are not."""

import grp
import os
import socket
from pathlib import Path

import pytest

from plexctl import permissions, private_files
from plexctl.permissions import UntrustedError

SOMEBODY = 12345


def give_away(path: Path, monkeypatch) -> None:
    """Have a file belong to neither the caller nor root."""
    if os.geteuid() == 0:
        os.chown(path, SOMEBODY, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0o600)
    return path


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "parent" / "directory"
    path.mkdir(parents=True)
    path.chmod(0o700)
    return path


def refusal(path: Path, flags: int = os.O_RDONLY) -> str:
    with pytest.raises(UntrustedError) as error:
        os.close(permissions.open_file(path, flags))
    return str(error.value)


def refused_directory(path: Path) -> str:
    with pytest.raises(UntrustedError) as error:
        permissions.check_directory(path)
    return str(error.value)


def test_a_private_file_is_opened_and_its_descriptor_is_not_inherited(file):
    descriptor = permissions.open_file(file)
    assert os.read(descriptor, 100) == b"content"
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)


def test_a_created_file_is_its_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        os.close(permissions.open_file(tmp_path / "new", os.O_WRONLY | os.O_CREAT))
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("mode", "verb"), [(0o640, "read"), (0o604, "read"), (0o620, "write"), (0o602, "write")])
def test_a_mode_that_lets_others_in_is_named_with_the_command_that_mends_it(file, mode, verb):
    file.chmod(mode)
    assert refusal(file) == f"{file} has mode {mode:04o}, so that others can {verb} it; run: chmod 600 {file}"


def test_somebody_elses_file_is_named_with_its_owner(file, monkeypatch):
    give_away(file, monkeypatch)
    assert f"{file} belongs to user {file.stat().st_uid}, not to you or root; " in refusal(file)


def test_a_link_is_not_followed(tmp_path, file):
    link = tmp_path / "link"
    link.symlink_to(file)
    assert refusal(link) == f"{link} is a link, not a regular file; remove it"


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY | os.O_APPEND | os.O_CREAT, os.O_RDWR])
def test_what_is_no_file_is_refused_at_once(tmp_path, flags):
    os.mkfifo(tmp_path / "pipe", 0o600)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert "is a pipe, not a regular file" in refusal(tmp_path / "pipe", flags)
        assert "is a socket, not a regular file" in refusal(tmp_path / "socket", flags)
    assert "is a device, not a regular file" in refusal(Path(os.devnull), flags)


def test_a_private_directory_is_trusted(directory):
    permissions.check_directory(directory)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777])
def test_a_directory_that_others_can_use_is_refused(directory, mode):
    directory.chmod(mode)
    assert refused_directory(directory).endswith(f"; run: chmod 700 {directory}")


def test_somebody_elses_directory_and_a_link_to_ones_own_are_refused(tmp_path, directory, monkeypatch):
    (tmp_path / "link").symlink_to(directory)
    assert refused_directory(tmp_path / "link").endswith(f"is a link; name the directory itself: {directory}")
    give_away(directory, monkeypatch)
    assert f"belongs to user {directory.stat().st_uid}" in refused_directory(directory)


def test_a_parent_in_which_others_can_replace_the_directory_is_refused_unless_it_is_sticky(directory):
    directory.parent.chmod(0o777)
    assert refused_directory(directory) == (
        f"{directory.parent} has mode 0777, so that others can replace what is in it; "
        "choose another directory, or take that right from them"
    )
    directory.parent.chmod(0o1777)
    permissions.check_directory(directory)


@pytest.mark.parametrize(("members", "is_trusted"), [([], True), (["root"], True), (["somebody"], False)])
def test_a_group_of_the_callers_own_may_write_a_parent(directory, monkeypatch, members, is_trusted):
    directory.parent.chmod(0o775)
    name = "root"
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group((name, "x", gid, members)))
    if is_trusted:
        permissions.check_directory(directory)
    else:
        assert "has mode 0775" in refused_directory(directory)


def noting(done, name):
    """Make a function of `os` that is noted when it is called."""
    real = getattr(os, name)

    def call(*given):
        done.append(name)
        return real(*given)

    return call


@pytest.mark.parametrize(("write", "publish"), [(private_files.create, "link"), (private_files.replace, "replace")])
def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch, write, publish):
    done: list[str] = []
    for name in ("fsync", publish):
        monkeypatch.setattr(os, name, noting(done, name))
    write(tmp_path / "secret", b"content")
    assert done == ["fsync", publish]
