"""config.json and the token file are the caller's or root's, and for nobody else; what can be done is said."""

import os
import shlex
import subprocess
import threading

import pytest

from plexctl.permissions import problem_of
from tests.command import CHILD
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, FORMATS, LIST

STRANGER = 12345


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token file"
    path.touch(0o600)
    path.write_text("t0k3n\n")
    return path


@pytest.fixture
def listing(against, server):
    server.play(answer(200, EMPTY_PAGE))
    return against


@pytest.fixture
def give_away(monkeypatch):
    """Make a file another user's, as far as plexctl can tell."""

    def give(path):
        if os.geteuid() == 0:
            os.chown(path, STRANGER, -1)
        else:
            monkeypatch.setattr("os.geteuid", lambda: STRANGER)

    return give


def test_what_is_a_problem(tmp_path, give_away):
    for mode, secret, expected in [
        (0o600, True, None),
        (0o400, True, None),
        (0o644, False, None),
        (0o644, True, "has mode 0644, so that others can read it"),
        (0o640, True, "has mode 0640, so that others can read it"),
        (0o620, False, "has mode 0620, so that others can write it"),
        (0o602, True, "has mode 0602, so that others can write it"),
        (0o666, True, "has mode 0666, so that others can write it"),
    ]:
        tmp_path.chmod(mode)
        assert problem_of(tmp_path.stat(), secret=secret) == expected
    tmp_path.chmod(0o600)
    give_away(tmp_path)
    assert (problem_of(tmp_path.stat()) or "").startswith("belongs to user ")


@pytest.mark.parametrize("output", FORMATS)
def test_a_token_file_of_another_user_is_refused(listing, server, token_file, give_away, output):
    give_away(token_file)
    outcome = listing(f"{LIST} -o {output} --token-file", token_file)
    assert outcome.code == 3
    assert "not to you or root" in " ".join(outcome.stderr.split())
    assert server.requests == []


def test_a_config_of_another_user_is_refused(listing, server, give_away):
    give_away(listing.configure({}))
    outcome = listing(LIST)
    assert outcome.code == 3
    assert "config.json belongs to user " in outcome.stderr
    assert server.requests == []


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_config_that_others_can_write_is_refused_whatever_it_holds(listing, server, mode):
    path = listing.configure({}, mode)
    outcome = listing(LIST)
    assert outcome.code == 3
    assert f"{path} has mode {mode:04o}, so that others can write it; run: chmod 600 {path}" in outcome.stderr
    assert server.requests == []


@pytest.mark.parametrize("kind", ["token", "config"])
def test_it_is_the_target_of_a_link_that_is_checked(listing, server, token_file, tmp_path, kind):
    target = listing.configure({"profiles": {"default": {"token": "t"}}}) if kind == "config" else token_file
    moved = target.rename(tmp_path / "elsewhere")
    target.symlink_to(moved)
    flags = f"--token-file '{target}'" if kind == "token" else ""
    assert listing(f"{LIST} {flags}").code == 0
    moved.chmod(0o644)
    assert listing(f"{LIST} {flags}").code == 3
    assert len(server.requests) == 1


def read_only(_):
    return os.statvfs_result((0, 0, 0, 0, 0, 0, 0, 0, os.ST_RDONLY, 255))


def test_where_the_mode_cannot_be_changed_another_way_is_named(listing, token_file, monkeypatch):
    """As with a secret that is mounted into a container."""
    token_file.chmod(0o644)
    config = listing.configure({"profiles": {"default": {"token": "t"}}}, 0o644)
    monkeypatch.setattr("os.fstatvfs", read_only)
    said = listing(f"{LIST} --profile default").stderr
    assert f"{config} holds a token and has mode 0644" in said
    assert "copy it to a directory of your own, with mode 0600, and name that in XDG_CONFIG_HOME" in said
    config.unlink()
    outcome = listing(f"{LIST} --token-file", token_file)
    assert outcome.code == 3
    assert "chmod" not in outcome.stderr
    assert outcome.stderr.endswith(
        f"others can read it; pass it through a pipe: --token-file - < {shlex.quote(str(token_file))}\n"
    )


def test_the_mode_of_a_file_of_roots_is_not_the_callers_to_change(listing, token_file, monkeypatch):
    if os.geteuid():
        pytest.skip("only root can make a file root's")
    token_file.chmod(0o640)
    monkeypatch.setattr("os.geteuid", lambda: STRANGER)
    assert "pass it through a pipe" in listing(f"{LIST} --token-file", token_file).stderr


def run(plexctl, script, **arguments):
    return subprocess.run(
        ["bash", "-c", script, "bash", *CHILD],
        env=plexctl.environment, capture_output=True, text=True, timeout=60, check=False, **arguments,
    )  # fmt: skip


@pytest.mark.parametrize(
    "script",
    [
        '"$@" project list --token-file - < "$FILE"',
        'cat "$FILE" | "$@" project list --token-file -',
        '{ sleep 0.3; printf t0; sleep 0.3; echo k3n; } | "$@" project list --token-file -',
        '"$@" project list --token-file <(cat "$FILE")',
        '"$@" project list --token-file <(sleep 0.3; cat "$FILE")',
        'cat "$FILE" | "$@" project list --token-file /dev/stdin',
        '"$@" project list --token-file - <<< t0k3n',
        '"$@" project list --all --token-file <(cat "$FILE")',
    ],
)
def test_a_pipe_is_read_once(listing, server, token_file, script):
    listing.environment["FILE"] = str(token_file)
    done = run(listing, script)
    assert (done.returncode, done.stderr) == (0, "")
    assert server.requests[0].headers["authorization"] == "Bearer t0k3n"


def test_a_named_pipe_waits_for_its_writer(listing, server, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o600)
    writer = threading.Timer(0.3, path.write_text, args=["t0k3n\n"])
    writer.daemon = True  # it would wait for ever for a reader
    writer.start()
    assert listing.child(f"{LIST} --token-file", path).code == 0
    assert server.requests[0].headers["authorization"] == "Bearer t0k3n"


def test_a_pipe_into_which_nobody_writes_ends_with_the_deadline(listing, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o600)
    outcome = listing(f"{LIST} --timeout 100ms --token-file", path)
    assert outcome.code == 3
    assert f"--token-file {path} brought no whole token within 0.1s (--timeout)" in outcome.stderr


def test_a_named_pipe_that_others_can_read_is_refused(listing, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o644)
    assert listing(f"{LIST} --token-file", path).code == 3


@pytest.mark.parametrize(
    "script", ['"$@" project list --token-file - <&-', '"$@" project list --token-file - </dev/null']
)
def test_an_empty_stdin_holds_no_token(listing, server, script):
    done = run(listing, script)
    assert (done.returncode, done.stdout) == (3, "")
    assert "--token-file - holds no bearer token" in done.stderr
    assert server.requests == []


def test_a_pipe_that_never_ends_is_read_no_further_than_a_token_can_be(listing):
    done = run(listing, 'yes | tr -d "\\n" | "$@" project list --token-file -')
    assert done.returncode == 3
    assert "is longer than 16384 bytes" in done.stderr
