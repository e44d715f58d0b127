"""--token-file and PLEXSPHERE_TOKEN: what holds a usable token, and what is refused (exit code 3)."""

import os

import pytest

from plexctl.settings.credential import Credential
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, FORMATS, LIST, SIGNING_CLOSE
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text("t0k3n\n")
    return path


def refused(outcome, output, path):
    error = assert_failed(outcome, output, 3)
    if error:
        assert error["kind"] == "credential"
    assert str(path) in outcome.stderr
    return outcome.stderr


def test_a_credential_does_not_show_its_token():
    credential = Credential("t0k3n", "PLEXSPHERE_TOKEN")
    assert "PLEXSPHERE_TOKEN" in repr(credential)
    assert "t0k3n" not in f"{credential!r} {credential}"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_its_owner_alone_is_used(against, server, token_file, mode):
    server.play(answer(200, EMPTY_PAGE))
    token_file.chmod(mode)
    assert against(f"{LIST} --token-file", token_file).code == 0
    assert server.requests[0].headers["authorization"] == "Bearer t0k3n"


@each("output", FORMATS)
@each("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o700, 0o500, 0o610, 0o777, 0o4600])
def test_a_wider_mode_is_refused(against, server, token_file, mode, output):
    token_file.chmod(mode)
    said = refused(against(f"{LIST} -o {output} --token-file", token_file), output, token_file)
    assert f"mode {mode:04o}" in said
    assert "chmod 600" in said
    assert server.requests == []


@each(
    "content",
    [
        b"",
        b"\n",
        b"  \n",
        b"first\nsecond\n",
        b"two words",
        "schl\u00fcssel".encode(),
        b"a\x00b",
        b"a\x1bb",
        b"a\x7fb",
        b"\xff\xfe",
        b"x" * 20_000,
    ],
)
@each("output", FORMATS)
def test_a_file_without_one_line_of_visible_ascii_is_refused(against, server, token_file, content, output):
    token_file.write_bytes(content)
    said = refused(against(f"{LIST} -o {output} --token-file", token_file), output, token_file)
    assert "first" not in said
    assert server.requests == []


@pytest.mark.parametrize("content", ["t0k3n", "t0k3n\n", "  t0k3n\r\n", "t0k3n\n\n"])
def test_blanks_around_the_token_do_not_count(against, server, token_file, content):
    server.play(answer(200, EMPTY_PAGE))
    token_file.write_text(content)
    assert against(f"{LIST} --token-file", token_file).code == 0
    assert server.requests[0].headers["authorization"] == "Bearer t0k3n"


@pytest.mark.parametrize("output", FORMATS)
def test_what_is_no_regular_file_is_refused_at_once(against, tmp_path, output):
    link, missing = tmp_path / "link", tmp_path / "missing"
    link.symlink_to(tmp_path)
    for path in (tmp_path, link, missing, "/dev/null", missing / "below"):
        refused(against(f"{LIST} -o {output} --token-file", path), output, path)


def test_a_link_to_a_file_is_followed(against, server, token_file, tmp_path):
    server.play(answer(200, EMPTY_PAGE))
    (tmp_path / "link").symlink_to(token_file)
    assert against(f"{LIST} --token-file", tmp_path / "link").code == 0


def test_a_signing_call_refuses_a_file_that_others_can_read_too(plexctl, token_file):
    token_file.chmod(0o644)
    refused(plexctl(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:1 --token-file", token_file), "text", token_file)


@each("output", FORMATS)
@each("value", [" ", "\n", "two words", "a\nb", "a\r\nX-Injected: 1", "a\x1b[2Jb", "a\x7fb", "\u00e9", "\udcff"])
def test_a_variable_without_visible_ascii_is_refused(against, server, value, output):
    outcome = against(f"{LIST} -o {output}", PLEXSPHERE_TOKEN=value)
    assert_failed(outcome, output, 3)
    assert "PLEXSPHERE_TOKEN" in outcome.stderr
    assert "Injected" not in outcome.stderr
    assert server.requests == []


def test_a_token_is_not_read_from_a_terminal_which_would_show_it(plexctl):
    leader, follower = os.openpty()
    with plexctl.start(f"{LIST} --server http://127.0.0.1:1 --token-file -", stdin=follower) as child:
        os.close(follower)
        _, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    os.close(leader)
    assert child.returncode == 3
    assert b"--token-file - is a terminal here, which would show the token" in stderr
