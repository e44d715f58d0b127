"""support bundle: an archive of what support asks for first, without any secret."""

import json
import os
import stat
import tarfile

import pytest

from tests.failure_checks import assert_failed
from tests.fake_server import answer, problem

MEMBERS = [
    "version.txt",
    "server-version.json",
    "health.json",
    "openapi.json",
    "whoami.json",
    "config-redacted.json",
    "env-redacted.txt",
]
TOKEN = "a-bearer-of-sixteen"
WHOAMI = {"principal_type": "user", "subject": "s", "acr": TOKEN}


def members(path) -> dict[str, str]:
    with tarfile.open(path, "r:gz") as archive:
        assert all(member.isfile() and stat.S_IMODE(member.mode) == 0o600 for member in archive)
        opened = {member.name: archive.extractfile(member) for member in archive}
        return {name: file.read().decode() for name, file in opened.items() if file}


@pytest.fixture
def bundle(against, server, tmp_path):
    """Have the server give these answers, and return what the archive holds."""

    def run(*answers: bytes, flags: str = "", warns: str = "", **environment: str) -> dict[str, str]:
        server.play(*answers)
        path = tmp_path / "bundle.tar.gz"
        outcome = against(f"support bundle {flags} --output", path, **{"PLEXSPHERE_TOKEN": TOKEN} | environment)
        assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "", warns.format(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert {found.name for found in tmp_path.iterdir()} <= {"bundle.tar.gz", "home"}
        found = members(path)
        assert list(found) == MEMBERS
        assert TOKEN not in "".join(found.values())
        return found

    return run


def test_a_real_plane_fills_every_member(admin, tmp_path):
    path = tmp_path / "bundle.tar.gz"
    assert admin("support bundle --output", path) == (0, "", "")
    found = members(path)
    assert list(found) == MEMBERS
    assert found["version.txt"] == admin("--version").stdout
    assert json.loads(found["server-version.json"]).keys() == {"version", "commit", "date"}
    assert json.loads(found["health.json"])["status"] == "ok"
    assert "/v1/health" in json.loads(found["openapi.json"])["paths"]
    assert found["whoami.json"] == admin("whoami -o json").stdout
    assert found["config-redacted.json"] == "{}\n"
    assert found["env-redacted.txt"] == "PLEXSPHERE_TOKEN\nPLEXSPHERE_URL\n"


def test_no_secret_of_the_settings_is_in_it(against, bundle):
    against.configure({
        "profiles": {"lab": {"server": "https://olga:pw@x", "token": "t0", "client_secret": "s0", "keys": ["k0"]}},
        "secrets": {"vault": "v1", "nested": [{"user": "u1", "mode": 7}]},
    })  # fmt: skip
    found = bundle(answer(200, WHOAMI), PLEXSPHERE_TOKEN=TOKEN, PLEXSPHERE_ODD="v0")
    config = json.loads(found["config-redacted.json"])
    assert config["secrets"] == {"vault": "***", "nested": [{"user": "***", "mode": 7}]}
    assert config["profiles"]["lab"] == {
        "server": "https://***@x",
        "token": "***",
        "client_secret": "***",
        "keys": ["***"],
    }
    assert found["env-redacted.txt"] == "PLEXSPHERE_ODD\nPLEXSPHERE_TOKEN\nPLEXSPHERE_URL\n"
    assert json.loads(found["whoami.json"])["acr"] == "***"


def test_secrets_stay_hidden_even_where_they_are_to_be_revealed(against, bundle):
    against.configure({"profiles": {"lab": {"token": TOKEN}}})
    warning = "plexctl: warning: secrets are shown in plexctl's own messages (--reveal-secrets)\n"
    found = bundle(answer(200, WHOAMI), flags="--reveal-secrets", warns=warning, PLEXSPHERE_TOKEN=TOKEN)
    assert json.loads(found["config-redacted.json"])["profiles"]["lab"] == {"token": "***"}


@pytest.mark.parametrize("output", ["text", "json", "yaml"])
def test_a_member_that_cannot_be_had_holds_the_error(bundle, output):
    good, down = answer(200, {"a": 1}), answer(503, {"status": "down", "checks": [{"name": "database"}]})
    found = bundle(
        good, down, down, down, answer(200, b"nonsense"), problem(403, "rebac_denied"),
        flags=f"-o {output}",
        warns="plexctl: warning: {} has an error in place of health.json, openapi.json, whoami.json\n",
    )  # fmt: skip
    assert json.loads(found["server-version.json"]) == {"a": 1}
    health = json.loads(found["health.json"])["error"]
    assert (health["status"], health["checks"]) == (503, [{"name": "database"}])
    assert json.loads(found["openapi.json"])["error"]["kind"] == "malformed"
    assert json.loads(found["whoami.json"])["error"]["kind"] == "denied"


def test_without_a_token_the_open_operations_are_read_all_the_same(bundle, server):
    warning = "plexctl: warning: {} has an error in place of whoami.json\n"
    found = bundle(answer(200, {"a": 1}), warns=warning, PLEXSPHERE_TOKEN="")
    assert json.loads(found["whoami.json"])["error"]["kind"] == "credential"
    assert [request.target for request in server.requests] == ["/v1/version", "/v1/health", "/v1/openapi.json"]
    assert all("authorization" not in request.headers for request in server.requests)


def test_without_a_server_the_settings_are_still_in_it(bundle, server):
    warning = (
        "plexctl: warning: {} has an error in place of server-version.json, health.json, openapi.json, whoami.json\n"
    )
    found = bundle(warns=warning, PLEXSPHERE_URL="")
    assert json.loads(found["whoami.json"])["error"]["title"] == "No Server"
    assert found["env-redacted.txt"] == "PLEXSPHERE_TOKEN\nPLEXSPHERE_URL\n"
    assert server.requests == []


def test_a_config_that_cannot_be_used_is_an_error_too(against, bundle):
    against.configure("{")
    found = bundle(warns="plexctl: warning: {} has an error in place of " + ", ".join(MEMBERS[1:6]) + "\n")
    assert "is not JSON" in json.loads(found["config-redacted.json"])["error"]["detail"]


def test_what_a_server_sends_without_end_is_cut_off(bundle):
    large = answer(200, {"a": "x" * (2 << 20)})
    warning = "plexctl: warning: {} has an error in place of server-version.json, health.json\n"
    found = bundle(large, large, answer(200, WHOAMI), warns=warning)
    assert "it is larger than 1 MiB" in json.loads(found["health.json"])["error"]["detail"]


@pytest.mark.parametrize("output", ["text", "json", "yaml"])
@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (".", "is a directory, not a file"),
        ("link", "is not a regular file"),
        ("pipe", "is not a regular file"),
        ("nowhere/bundle", "is in no directory that exists"),
        ("file/bundle", "is in no directory that exists"),
        ("", "is not a path; a variable is probably unset"),
    ],
)
def test_a_path_that_cannot_be_an_archive_is_refused_before_anything_is_sent(
    against, server, tmp_path, monkeypatch, name, complaint, output
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    outcome = against(f"support bundle -o {output} --output", name)
    assert_failed(outcome, output, 2)
    assert complaint in outcome.stderr.replace("\n", " ")
    assert server.requests == []
    assert (tmp_path / "file").read_bytes() == b""


def test_an_archive_that_cannot_be_written_is_one_line(against, server, tmp_path, monkeypatch):
    server.play(answer(200, WHOAMI))

    def refuse(*_):
        raise OSError(28, "No space left on device", "a-draft")

    monkeypatch.setattr("plexctl.private_files.os.replace", refuse)
    path = tmp_path / "bundle.tar.gz"
    outcome = against("support bundle --output", path)
    assert outcome == (1, "", f"plexctl: Local Failure: {path}: No space left on device\n")
    assert not list(tmp_path.glob("*bundle*"))


def test_an_older_archive_is_replaced(bundle, tmp_path):
    (tmp_path / "bundle.tar.gz").write_text("older")
    bundle(answer(200, WHOAMI))


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("support bundle --output x.tar.gz --bogus", "text"),
        ("support bundle --output json --bogus", "text"),
        ("support bundle --output=json --bogus", "text"),
        ("-o json support bundle --output x --bogus", "json"),
        ("--output json support bundle --output x --bogus", "json"),
        ("support bundle --output x -o yaml --bogus", "yaml"),
        ("support bundle", "text"),
        ("-o json support bundle", "json"),
    ],
)
def test_its_output_is_a_path_and_no_format(plexctl, line, output):
    assert_failed(plexctl(line), output, 2)
