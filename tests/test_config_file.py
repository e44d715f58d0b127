"""config.json: read with care, written whole."""

import json
import os
import stat

import pytest

from plexctl.settings.config import read_config
from plexctl.settings.config_edit import write_config
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, FORMATS, LIST, SIGNING_CLOSE


@each("output", FORMATS)
@each(
    ("content", "complaint"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'{"default_profile": 1}', "default_profile is not a string"),
        (b'{"profiles": []}', "profiles is not an object"),
        (b'{"profiles": {"a": null}}', "profile 'a' is not an object"),
        (b'{"profiles": {"a": {"server": 1}}}', "server of profile 'a' is not a string"),
        (b'{"profiles": {"a": {"token": ["x"]}}}', "token of profile 'a' is not a string"),
        (b'{"profiles": {"a": {"signer_endpoint": {}}}}', "signer_endpoint of profile 'a' is not a string"),
    ],
)
def test_a_malformed_file_is_named_and_left_as_it_is(against, server, content, complaint, output):
    path = against.configure("")
    path.write_bytes(content)
    for line in (LIST, SIGNING_CLOSE):
        outcome = against(f"{line} -o {output}")
        error = assert_failed(outcome, output, 2)
        said = error["detail"] if error else outcome.stderr
        assert str(path) in said
        assert complaint in said
    assert path.read_bytes() == content
    assert server.requests == []


@each("mode", [0o640, 0o604, 0o644, 0o660])
@each("output", FORMATS)
def test_a_file_with_a_token_that_others_can_read_is_refused(against, server, mode, output):
    path = against.configure({"profiles": {"another": {"token": "s3cret"}}}, mode)
    outcome = against(f"{LIST} -o {output}")
    error = assert_failed(outcome, output, 3)
    assert error is None or error["kind"] == "credential"
    assert str(path) in outcome.stderr
    assert "chmod 600" in outcome.stderr
    assert "s3cret" not in outcome.stderr
    assert server.requests == []


@pytest.mark.parametrize("document", [{}, {"profiles": {"default": {"server": "http://127.0.0.1:1"}}}])
def test_without_a_token_in_it_others_may_read_it(against, server, document):
    server.play(answer(200, EMPTY_PAGE))
    against.configure(document, 0o644)
    assert against(LIST).code == 0


def test_it_is_found_where_xdg_says(plexctl, server, tmp_path):
    server.play(answer(200, EMPTY_PAGE))
    plexctl.configure({"profiles": {"default": {"server": f"{server.url}/home", "token": "t"}}})
    elsewhere = tmp_path / "xdg" / "plexctl"
    elsewhere.mkdir(parents=True)
    (elsewhere / "config.json").touch(0o600)
    (elsewhere / "config.json").write_text(
        json.dumps({"profiles": {"default": {"server": f"{server.url}/xdg", "token": "t"}}})
    )
    plexctl(LIST)
    plexctl(LIST, XDG_CONFIG_HOME=str(tmp_path / "xdg"))
    plexctl(LIST, XDG_CONFIG_HOME="relative/is/ignored")
    assert [request.target.split("/")[1] for request in server.requests] == ["home", "xdg", "home"]


def test_a_user_without_a_home_has_no_file(against, server, monkeypatch):
    """As in a container that runs under an arbitrary user id."""
    server.play(answer(200, EMPTY_PAGE))
    monkeypatch.setattr("os.getuid", lambda: 2**32 - 2)
    del against.environment["HOME"]
    assert against(LIST) == (0, "ID  DOMAIN_ID  SLUG  NAME  SUB_RANGE  CREATED_AT\n", "")


def test_a_path_that_cannot_be_read_is_one_line(against):
    path = against.configure("")
    path.unlink()
    path.mkdir()
    outcome = against(LIST)
    assert_failed(outcome, "text", 2)
    assert str(path) in outcome.stderr


def test_a_pipe_in_its_place_is_not_waited_for(against):
    path = against.configure({})
    path.unlink()
    os.mkfifo(path)
    outcome = against.child(LIST)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"plexctl: project list: {path}: is not a regular file")


def test_reading_leaves_the_file_alone(against, server):
    server.play(answer(200, EMPTY_PAGE))
    path = against.configure('{ "profiles":{}, "unknown" : [1,2] }')
    before = path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino
    assert against(LIST).code == 0
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_a_rewrite_keeps_unknown_keys_and_their_order(tmp_path):
    path = tmp_path / "plexctl" / "config.json"
    document = {"zeta": 1, "profiles": {"b": {"server": "s", "later": {"x": [1]}}, "a": {}}, "alpha": "\u00e9"}
    write_config(path, document)
    read = read_config(path)
    read["profiles"]["b"]["token"] = "t"
    write_config(path, read)
    written = json.loads(path.read_text())
    assert list(written) == ["zeta", "profiles", "alpha"]
    assert written["profiles"] == {"b": {"server": "s", "later": {"x": [1]}, "token": "t"}, "a": {}}
    assert "\u00e9" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_written_file_is_its_owners_alone(tmp_path, mask):
    path = tmp_path / "new" / "plexctl" / "config.json"
    before = os.umask(mask)
    try:
        write_config(path, {"profiles": {}})
        path.chmod(0o644)
        write_config(path, {"profiles": {}})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "config.json"
    write_config(path, {"profiles": {}})
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_config(path, {"profiles": {}, "cannot be written": object()})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_replaces_the_file_in_one_step(tmp_path):
    path = tmp_path / "config.json"
    write_config(path, {"profiles": {}})
    with path.open() as reader:
        write_config(path, {"profiles": {"a": {}}})
        assert json.load(reader) == {"profiles": {}}
