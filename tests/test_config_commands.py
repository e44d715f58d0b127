"""`plexctl config`: what is set and by whom, and the only commands but login and logout that change config.json."""

import json
import os
import stat
import subprocess
import threading
from types import SimpleNamespace

import pytest

from plexctl.settings.environment import VARIABLES
from tests.command import CHILD, arguments
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, LIST
from tests.tables import table
from tests.waiting import PATIENCE_SECONDS

SERVER = "https://plexsphere.example"


def view(plexctl, line="config view", **environment):
    """Each setting's value and origin."""
    rows = plexctl(f"{line} -o json", **environment).json["items"]
    return {row["setting"]: (row["value"], row["origin"]) for row in rows}


def config(plexctl):
    return json.loads((plexctl.home / ".config" / "plexctl" / "config.json").read_text())


def set_token(plexctl, token, flags=""):
    return subprocess.run(
        [*CHILD, *arguments(f"config set token {flags}")],
        input=token.encode(), env=plexctl.environment, capture_output=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip


def test_every_setting_has_its_value_and_its_origin(plexctl):
    path = plexctl.configure(
        {"profiles": {"work": {"server": SERVER, "token": "t0k3n-of-work"}}, "default_profile": "work"}
    )
    found = view(plexctl, "config view --timeout 90s --ca-file /ca.pem", PLEXSPHERE_SIGNER_ENDPOINT="localhost:9443")
    assert found["server"] == (SERVER, "profile 'work'")
    assert found["token"] == ("***", "profile 'work'")
    assert found["signer_endpoint"] == ("localhost:9443", "PLEXSPHERE_SIGNER_ENDPOINT")
    assert found["profile"] == ("work", f"default_profile in {path}")
    assert found["output"] == ("json", "--output")
    assert found["timeout"] == ("90s", "--timeout")
    assert found["ca_file"] == ("/ca.pem", "--ca-file")
    assert found["color"] == ("auto", "default")
    assert found["key_file"] == (None, None)


@pytest.mark.parametrize(
    ("variable", "value", "setting"),
    [
        ("PLEXSPHERE_URL", SERVER, "server"),
        ("PLEXSPHERE_TIMEOUT", "2m", "timeout"),
        ("PLEXSPHERE_KEY_FILE", "/key.pem", "key_file"),
        ("PLEXSPHERE_SIGNER_TLS", "true", "signer_tls"),
        ("PLEXSPHERE_SIGNER_CA_FILE", "/ca.pem", "signer_ca_file"),
    ],
)
def test_a_variable_is_named_as_the_origin_and_paths_are_not_masked(plexctl, variable, value, setting):
    assert view(plexctl, **{variable: value})[setting] == (value, variable)


def test_a_variable_that_nothing_reads_is_shown_nowhere(plexctl):
    unread = {f"PLEXSPHERE_{setting.upper()}" for setting in view(plexctl)} - {row.name for row in VARIABLES}
    assert unread
    assert view(plexctl, **dict.fromkeys(unread, "7")) == view(plexctl)


def test_a_token_is_shown_only_where_that_is_asked_for(plexctl):
    token = {"PLEXSPHERE_TOKEN": "t0k3n-0f-mine"}
    assert view(plexctl, **token)["token"] == ("***", "PLEXSPHERE_TOKEN")
    assert view(plexctl, "config view --reveal-secrets", **token)["token"][0] == "t0k3n-0f-mine"
    assert view(plexctl, "config view --token-file /a/file")["token"] == ("***", "--token-file /a/file")
    plexctl.configure({"profiles": {"default": {"token": "t0k3n-0f-mine"}}})
    for output in ("text", "json", "yaml"):
        assert "0f-mine" not in plexctl(f"config list-profiles -o {output}").stdout
        assert "0f-mine" not in plexctl(f"config view -o {output}").stdout


def test_what_is_wrong_is_shown_all_the_same(plexctl):
    assert view(plexctl, PLEXSPHERE_URL="nonsense", PLEXSPHERE_TIMEOUT="soon")["server"][0] == "nonsense"


def test_the_path_is_printed_whether_the_file_is_there_or_not(plexctl, tmp_path):
    assert plexctl("config path").stdout == f"{plexctl.home}/.config/plexctl/config.json\n"
    elsewhere = plexctl("config path -o json", XDG_CONFIG_HOME=str(tmp_path)).json
    assert elsewhere == {"path": f"{tmp_path}/plexctl/config.json"}


def test_a_token_that_goes_to_another_server_now_is_pointed_out(plexctl):
    plexctl.configure({"profiles": {"default": {"server": "https://one.test", "token": "t0k3n"}}})
    assert plexctl("config set server https://one.test").stderr == ""
    outcome = plexctl("config set server https://two.test")
    assert outcome.code == 0
    assert "which was for https://one.test, is kept and goes to https://two.test now" in outcome.stderr


@pytest.mark.parametrize("home", [None, "", "relative/is/ignored", "."])
@pytest.mark.parametrize("configured", [None, "", "relative/is/ignored"])
def test_an_empty_or_a_relative_directory_counts_as_unset(plexctl, monkeypatch, home, configured):
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_dir="/home/of-the-account"))
    given = {"HOME": home, "XDG_CONFIG_HOME": configured}
    del plexctl.environment["HOME"]
    outcome = plexctl("config path", **{name: value for name, value in given.items() if value is not None})
    assert outcome == (0, "/home/of-the-account/.config/plexctl/config.json\n", "")


def test_a_profile_is_made_used_changed_and_deleted(plexctl, server):
    server.play(answer(200, EMPTY_PAGE))
    assert plexctl(f"config set server {server.url} --profile staging") == (0, "", "")
    assert set_token(plexctl, "t0k3n\n", "--profile staging").returncode == 0
    assert plexctl("config set signer_endpoint localhost:9443 --profile other").code == 0
    assert config(plexctl)["default_profile"] == "staging", "the first one is the default"

    rows = table(plexctl("config list-profiles").stdout)
    assert [(row["NAME"], row["DEFAULT"], row["TOKEN"]) for row in rows] == [
        ("other", "false", "-"),
        ("staging", "true", "***"),
    ]
    assert plexctl(LIST).code == 0
    assert server.requests[0].headers["authorization"] == "Bearer t0k3n"

    assert plexctl("config use-profile other") == (0, "", "")
    assert plexctl(LIST).code == 2
    assert plexctl("config unset token --profile staging") == (0, "", "")
    assert plexctl("config unset token --profile staging") == (0, "", "")
    assert plexctl("config delete-profile other --yes") == (0, "", "")
    assert config(plexctl) == {"profiles": {"staging": {"server": server.url}}}


def test_the_file_is_its_owners_alone_and_what_plexctl_does_not_know_stays(plexctl):
    path = plexctl.configure({"later": [1], "profiles": {"default": {"server": SERVER, "mine": {"a": 1}}}}, mode=0o644)
    assert plexctl("config set signer_endpoint localhost:9443").code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert config(plexctl) == {
        "later": [1],
        "profiles": {"default": {"server": SERVER, "mine": {"a": 1}, "signer_endpoint": "localhost:9443"}},
    }


def test_a_link_stays_a_link(plexctl, tmp_path):
    path = plexctl.configure({})
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    assert plexctl("config set server", SERVER).code == 0
    assert path.is_symlink()
    assert json.loads((tmp_path / "elsewhere.json").read_text())["profiles"]["default"] == {"server": SERVER}


def test_a_change_that_changes_nothing_writes_nothing(plexctl):
    path = plexctl.configure({"profiles": {"default": {"server": SERVER}}})
    before = path.stat().st_ino
    assert plexctl("config set server", SERVER).code == 0
    assert plexctl("config unset token").code == 0
    assert path.stat().st_ino == before


@pytest.mark.parametrize(
    ("line", "code"), [("config unset token", 0), ("config use-profile a", 2), ("config delete-profile a --yes", 2)]
)
def test_where_nothing_can_be_changed_no_directory_is_made(plexctl, line, code):
    assert plexctl(line).code == code
    assert not plexctl.home.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("config set server x", "config set: VALUE: 'x' is not a server URL"),
        ("config set signer_endpoint x", "config set: VALUE: 'x' is not HOST:PORT"),
        ("config set server", "config set: VALUE: is required for server"),
        ("config set serve x", "config set: KEY: 'serve' is not one of server, token, signer_endpoint"),
        ("config set token t0k3n-0f-mine", "config set: VALUE: a token is read from stdin"),
        ("config use-profile b", "config use-profile: NAME: 'b' is not a profile; known: a"),
        ("config delete-profile b --yes", "config delete-profile: NAME: 'b' is not a profile; known: a"),
        ("config delete-profile a", "config delete-profile: --yes: is required"),
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(plexctl, line, said):
    path = plexctl.configure({"profiles": {"a": {}}})
    before = path.read_bytes()
    outcome = plexctl(line)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"plexctl: {said}")
    assert "0f-mine" not in outcome.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("line", ["config set server https://a", "config unset server", "config list-profiles"])
def test_a_file_that_cannot_be_used_stays_as_it_is(plexctl, line):
    path = plexctl.configure("{ not json")
    assert plexctl(line).code == 2
    assert path.read_text() == "{ not json"
    plexctl.configure({"profiles": {"default": {"token": "t"}}}, mode=0o644)
    assert plexctl(line).code == 3


def test_a_token_that_is_none_is_refused(plexctl):
    done = set_token(plexctl, "two\nlines\n")
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"plexctl: No Usable Credential: stdin holds no bearer token: ")
    assert not (plexctl.home / ".config" / "plexctl" / "config.json").exists()


def test_a_token_is_not_asked_for_at_a_terminal(plexctl):
    leader, follower = os.openpty()
    child = plexctl.start("config set token", stdin=follower)
    _, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    os.close(leader)
    os.close(follower)
    assert child.returncode == 2
    assert b"which is a terminal here" in stderr


def test_many_changes_at_once_are_all_kept(plexctl):
    children = [plexctl.start(f"config set server {SERVER} --profile p{number}") for number in range(8)]
    assert [child.communicate(timeout=PATIENCE_SECONDS)[1] for child in children] == [b""] * 8
    assert sorted(config(plexctl)["profiles"]) == [f"p{number}" for number in range(8)]


def test_a_change_waits_no_longer_than_its_limit_for_another(plexctl, monkeypatch):
    from plexctl.settings import config_edit

    monkeypatch.setattr(config_edit, "_LONGEST_WAIT_SECONDS", 0)
    path = plexctl.configure({})
    outcomes = []
    with config_edit._locked(path.parent):
        other = threading.Thread(target=lambda: outcomes.append(plexctl("config set server", SERVER)))
        other.start()
        other.join(PATIENCE_SECONDS)
    assert outcomes[0].code == 1
    assert "Configuration Busy" in outcomes[0].stderr


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {"profiles": {"default": {"sever": "x"}}},
            "'sever' of profile 'default' in config.json has no effect",
        ),
        ({"profiles": {"default": {"signer-endpoint": "x"}}}, "did you mean 'signer_endpoint'?"),
        ({"profiles": {"default": {"Token": "x"}}}, "did you mean 'token'?"),
        ({"default_profil": "x"}, "'default_profil' in config.json has no effect; did you mean 'default_profile'?"),
    ],
)
def test_a_misspelt_key_is_warned_about(against, server, document, said):
    server.play(answer(200, EMPTY_PAGE))
    against.configure(document)
    outcome = against(LIST)
    assert outcome.code == 0
    assert outcome.stderr.startswith("plexctl: warning: ")
    assert said in outcome.stderr
    assert said in against(f"{LIST} -o json").stderr


def test_a_key_that_is_like_none_is_nobodys_business(against, server):
    server.play(answer(200, EMPTY_PAGE))
    against.configure({"comment": "mine", "profiles": {"default": {"owner": "olga", "note": ""}}})
    assert against(LIST).stderr == ""
