"""login and logout against a whole plane: what is printed, what is stored, and what is left as it was."""

import json
import stat
import sys
import webbrowser

import pytest

from tests.approval import Browser, approving, pending_code, waiting
from tests.local.database import rows, value
from tests.plane import refused

OTHERS = {"server": "https://other.test", "token": "other-token", "colour": "blue", "limit": 1.10}


@pytest.fixture
def domain(plane):
    return plane.domain_id()


@pytest.fixture
def operator(plexctl, plane):
    """plexctl that knows where the plane is, and has no token."""
    plexctl.environment |= {"PLEXSPHERE_URL": plane.url}
    return plexctl


def config_of(plexctl):
    return plexctl.home / ".config" / "plexctl" / "config.json"


def stored(plexctl):
    return json.loads(config_of(plexctl).read_text())


def tokens_of(plane):
    return [row[0] for row in rows(plane.control, "SELECT id FROM api_tokens")]


def test_a_login_stores_a_token_that_works(operator, plane, domain):
    with approving(plane) as clock:
        done = operator(f"login --domain-id {domain}")
    assert (done.code, done.stdout) == (0, 'Logged in. Stored profile "default".\n')
    code = value(plane.control, "SELECT user_code FROM device_requests")
    assert done.stderr == (
        f"plexctl: open {plane.url}/v1/device?user_code={code}\nplexctl: and approve the code {code} within 10 min\n"
    )
    assert clock.waits == [5]
    document = stored(operator)
    profile = document["profiles"]["default"]
    assert document == {"default_profile": "default", "profiles": {"default": profile}}
    assert profile == {"server": plane.url, "token": profile["token"]}
    assert stat.S_IMODE(config_of(operator).stat().st_mode) == 0o600
    who = operator("whoami -o json", PLEXSPHERE_URL="")
    assert (who.code, who.json["email"]) == (0, "admin@plexsphere.localhost")
    assert who.json == plane.admin.get("/v1/auth/whoami").json()


def test_the_token_is_the_approvers(operator, plane, domain):
    with approving(plane, name="outsider"):
        assert operator(f"login --domain-id {domain}").code == 0
    assert operator("whoami -o json").json["email"].startswith("outsider@")


def test_no_secret_is_shown(operator, plane, domain):
    with approving(plane):
        done = operator(f"login --domain-id {domain} -v -o json")
    assert done.json == {"profile": "default", "expires_in": 30 * 24 * 3600}
    assert "/v1/auth/device-token" in done.stderr
    assert stored(operator)["profiles"]["default"]["token"] not in done.stdout + done.stderr
    assert "psk_" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("button", "title", "code"), [("deny", "Login Denied", "access_denied"), (None, "Login Expired", "expired_token")]
)
def test_a_login_that_is_not_approved_stores_nothing(operator, plane, domain, button, title, code):
    def expire():
        plane.clock.ahead += 601_000_000

    with approving(plane, button) if button else waiting(expire):
        done = operator(f"login --domain-id {domain} -o json")
    error = json.loads(done.stderr[done.stderr.index("{") :])["error"]
    assert (done.code, error["kind"], error["title"], error["code"]) == (1, "conflict", title, code)
    assert not config_of(operator).exists()
    assert tokens_of(plane) == []


def test_a_login_that_nobody_decides_about_ends(operator, plane, domain):
    def move():
        plane.clock.ahead += int(clock.waits[-1] * 1_000_000)

    with waiting(move) as clock:
        done = operator(f"login --domain-id {domain}")
    assert (done.code, done.stdout) == (1, "")
    assert "Login Expired" in done.stderr
    assert set(clock.waits) == {5}
    assert sum(clock.waits) == 600


def test_a_login_that_polls_too_soon_goes_on_more_slowly(operator, plane, domain):
    def approve_the_third():
        if len(clock.waits) == 3:
            browser = Browser(plane)
            browser.sign_in(user_code=pending_code(plane))
            browser.submit("approve")

    with waiting(approve_the_third) as clock:
        assert operator(f"login --domain-id {domain}").code == 0
    assert clock.waits == [5, 5, 10]  # the plane's clock stood still


def test_ctrl_c_ends_the_wait(operator, domain):
    def interrupt():
        raise KeyboardInterrupt

    with waiting(interrupt):
        done = operator(f"login --domain-id {domain}")
    assert done.code == 130
    assert not config_of(operator).exists()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("login", 2),
        ("login --domain-id acme-corp", 2),
        ("login --domain-id ''", 2),
        ("login --domain-id {domain} --profile-name ''", 2),
        ("login --domain-id {domain} --idp-binding-id x", 2),
        ("login --domain-id {domain} --profile unknown", 2),
        ("login --domain-id 019ed19b-68dc-7aa9-8995-80e810444cce", 4),
        ("login --domain-id {domain} --idp-binding-id 019ed19b-68dc-7aa9-8995-80e810444cce", 4),
        ("login --domain-id {domain} --server http://127.0.0.1:1", 1),
        ("login --domain-id {domain} --profile other", 1),
    ],
)
def test_a_login_that_cannot_begin_has_its_exit_code_and_stores_nothing(operator, plane, domain, line, code):
    operator.configure({"profiles": {"other": {"server": "http://127.0.0.1:1"}}})
    before = config_of(operator).read_text()
    with waiting():
        done = operator(line.format(domain=domain))
    assert done.code == code, done.stderr
    assert rows(plane.control, "SELECT * FROM device_requests") == []
    assert config_of(operator).read_text() == before


def test_a_login_without_a_server_is_a_usage_error(plexctl):
    done = plexctl("login --domain-id 019ed19b-68dc-7aa9-8995-80e810444cce")
    assert done.code == 2
    assert "no server is set" in done.stderr


def test_all_else_in_the_file_is_kept(operator, plane, domain):
    before = {"future": [1, {"a": None}], "default_profile": "other", "profiles": {"other": OTHERS, "lab": {"x": "é"}}}
    operator.configure(before)
    with approving(plane):
        assert operator(f"login --domain-id {domain} --profile-name lab").code == 0
    after = stored(operator)
    lab = after["profiles"].pop("lab")
    assert (lab.pop("server"), lab.pop("token")[:4], lab) == (plane.url, "psk_", {"x": "é"})
    assert after == before | {"profiles": {"other": OTHERS}}


def test_the_first_profile_becomes_the_default(operator, plane, domain):
    with approving(plane):
        operator(f"login --domain-id {domain} --profile-name lab", PLEXSPHERE_PROFILE="lab")
    assert stored(operator)["default_profile"] == "lab"
    with approving(plane):
        operator(f"login --domain-id {domain} --profile-name other")
    assert stored(operator)["default_profile"] == "lab"


def test_what_was_changed_during_the_wait_is_kept(operator, plane, domain):
    operator.configure({"profiles": {"default": {"signer_endpoint": "localhost:1"}}})
    with approving(plane) as clock:
        clock._act, approve = (lambda: (operator.configure({"profiles": {"new": OTHERS}}), approve())), clock._act
        assert operator(f"login --domain-id {domain}").code == 0
    assert stored(operator)["profiles"]["new"] == OTHERS


def test_the_profiles_own_server_counts_before_the_default_one(plexctl, plane, domain):
    profiles = {"default": {"server": "http://127.0.0.1:1"}, "lab": {"server": plane.url}}
    plexctl.configure({"profiles": profiles})
    with approving(plane):
        assert plexctl(f"login --domain-id {domain} --profile-name lab").code == 0


def test_the_profile_that_is_named_gets_the_token_and_no_other(operator, plane, domain):
    production = {**OTHERS, "server": "https://prod.test"}
    operator.configure({"profiles": {"default": production, "lab": {"server": plane.url}}})
    with approving(plane):
        assert operator(f"login --domain-id {domain} --profile lab").code == 0
    after = stored(operator)["profiles"]
    assert after["default"] == production
    assert after["lab"]["token"].startswith("psk_")


def test_a_signer_of_another_server_is_pointed_out(operator, plane, domain):
    operator.configure({"profiles": {"default": {"server": "http://old", "signer_endpoint": "old.test:9443"}}})
    with approving(plane):
        done = operator(f"login --domain-id {domain}")
    assert "check its signer_endpoint, old.test:9443" in done.stderr
    with approving(plane):
        assert "signer_endpoint" not in operator(f"login --domain-id {domain}").stderr


def test_a_variable_that_hides_the_new_token_is_pointed_out(operator, plane, domain):
    with approving(plane):
        done = operator(f"login --domain-id {domain}", PLEXSPHERE_TOKEN="another-token")
    assert "PLEXSPHERE_TOKEN is set" in done.stderr
    assert "another-token" not in done.stderr


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(operator, plane, domain, tmp_path, exists):
    target = tmp_path / "dotfiles" / "plexctl.json"
    target.parent.mkdir()
    if exists:
        target.write_text("{}")
    config_of(operator).parent.mkdir(parents=True)
    config_of(operator).symlink_to(target)
    with approving(plane):
        assert operator(f"login --domain-id {domain}").code == 0
    assert config_of(operator).is_symlink()
    assert json.loads(target.read_text())["profiles"]["default"]["server"] == plane.url
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert operator("logout").code == 0
    assert config_of(operator).is_symlink()


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        ("not json", 0o600, 2),
        ("[]", 0o600, 2),
        ('{"profiles": {"default": {"token": 1}}}', 0o600, 2),
        ({"profiles": {"default": {"token": "x"}}}, 0o644, 3),
        ({}, 0o666, 3),
    ],
)
@pytest.mark.parametrize("line", ["login --domain-id {domain}", "login --domain-id {domain} --server {url}", "logout"])
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_sent(
    operator, plane, domain, content, mode, code, line
):
    path = operator.configure(content, mode)
    before = path.read_bytes()
    done = operator(line.format(domain=domain, url=plane.url))
    assert done.code == code
    assert rows(plane.control, "SELECT * FROM device_requests") == []
    assert path.read_bytes() == before


def test_a_directory_that_cannot_be_written_is_refused_before_anything_is_sent(operator, plane, domain):
    operator.home.mkdir()
    (operator.home / ".config").write_text("a file, where a directory has to be")
    done = operator(f"login --domain-id {domain}")
    assert done.code == 2
    assert rows(plane.control, "SELECT * FROM device_requests") == []


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_sent(operator, plane, domain, tmp_path):
    (tmp_path / "file").touch()
    config_of(operator).parent.mkdir(parents=True)
    config_of(operator).symlink_to(tmp_path / "file" / "config.json")
    done = operator(f"login --domain-id {domain}")
    assert done.code == 2
    assert rows(plane.control, "SELECT * FROM device_requests") == []


def test_logout_revokes_the_token_and_keeps_the_rest(operator, plane, domain):
    operator.configure({"profiles": {"default": {"colour": "blue"}, "other": OTHERS}})
    with approving(plane):
        operator(f"login --domain-id {domain}")
    (token_id,) = tokens_of(plane)
    token = stored(operator)["profiles"]["default"]["token"]
    done = operator("logout", PLEXSPHERE_URL="http://127.0.0.1:1", PLEXSPHERE_TOKEN="another")
    assert (done.code, done.stdout, done.stderr) == (0, 'Logged out. Cleared profile "default".\n', "")
    assert tokens_of(plane) == []
    refused(plane.client(token).delete(f"/v1/auth/tokens/{token_id}"), 401, "unauthenticated")
    assert stored(operator) == {"profiles": {"default": {"colour": "blue", "server": plane.url}, "other": OTHERS}}
    again = operator("logout")
    assert (again.code, again.stdout, again.stderr) == (0, "", "No active session; nothing to do.\n")


def test_logout_acts_on_the_profile_that_is_named(operator, plane, domain):
    for name in ("default", "lab"):
        with approving(plane):
            operator(f"login --domain-id {domain} --profile-name {name}")
    done = operator("logout --profile lab -o json")
    assert done.json == {"profile": "lab", "revoked": True}
    assert [name for name, profile in stored(operator)["profiles"].items() if "token" in profile] == ["default"]
    assert operator("logout --profile unknown").code == 2


def test_a_token_that_is_gone_on_the_server_is_removed(operator, plane, domain):
    with approving(plane):
        operator(f"login --domain-id {domain}")
    plane.admin.delete(f"/v1/auth/tokens/{tokens_of(plane)[0]}")
    assert operator("logout").code == 0
    assert "token" not in stored(operator)["profiles"]["default"]


def test_a_server_that_is_away_keeps_the_token(operator, plane, domain):
    with approving(plane):
        operator(f"login --domain-id {domain}")
    before = config_of(operator).read_text()
    plane.plane.stop()
    done = operator("logout")
    assert (done.code, done.stdout) == (1, "")
    assert config_of(operator).read_text() == before


@pytest.mark.parametrize(
    "profile", [{"server": "http://127.0.0.1:1", "token": "a-token"}, {"token": f"psk_dev_{'a' * 26}_b"}]
)
def test_a_token_that_cannot_be_revoked_is_removed_with_a_warning(plexctl, profile):
    plexctl.configure({"profiles": {"default": profile}})
    done = plexctl("logout")
    assert (done.code, done.stdout) == (0, 'Logged out. Cleared profile "default".\n')
    assert "is removed here and not revoked" in done.stderr
    assert "token" not in stored(plexctl)["profiles"]["default"]


def test_logout_sends_no_token_to_another_server(plexctl, plane):
    profile = {"server": "http://127.0.0.1:1", "token": f"psk_dev_{'a' * 26}_b"}
    plexctl.configure({"profiles": {"default": profile}})
    done = plexctl(f"logout --server {plane.url}")
    assert done.code == 3
    assert stored(plexctl)["profiles"]["default"] == profile


def test_nobody_logs_out_who_has_no_configuration(plexctl):
    done = plexctl("logout -o json")
    assert (done.code, done.stdout, done.stderr) == (0, "", "No active session; nothing to do.\n")


class Program:
    """A browser that opens nothing."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> None:
        self.opened.append(url)


@pytest.fixture
def program(monkeypatch):
    found = Program()
    monkeypatch.setattr(webbrowser, "get", lambda: found)
    return found


@pytest.fixture
def terminals(monkeypatch):
    """The names of the streams that are terminals, which a test may change."""
    names: set[str] = {"stdout", "stderr"}
    monkeypatch.setattr(
        "tests.command._Stream.isatty", lambda stream: any(getattr(sys, name) is stream for name in names)
    )
    return names


@pytest.mark.parametrize(
    ("pipe", "flag", "is_opened"),
    [(None, "", True), ("stdout", "", False), ("stderr", "", False), (None, "--no-browser", False)],
)
def test_a_browser_opens_on_a_terminal_alone(operator, plane, program, terminals, pipe, flag, is_opened):
    terminals.discard(pipe)
    with approving(plane):
        assert operator(f"login --domain-id {plane.domain_id()} {flag}").code == 0
    code = value(plane.control, "SELECT user_code FROM device_requests")
    assert program.opened == [f"{plane.url}/v1/device?user_code={code}"] * is_opened


@pytest.mark.usefixtures("terminals")
def test_a_browser_that_would_take_the_terminal_stays_closed(operator, plane, domain, monkeypatch):
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("false"))
    monkeypatch.setattr(webbrowser.GenericBrowser, "open", lambda *_: pytest.fail("it was opened"))
    with approving(plane):
        assert operator(f"login --domain-id {domain}").code == 0


@pytest.mark.usefixtures("terminals")
def test_a_machine_without_a_browser_logs_in(operator, plane, domain, monkeypatch):
    def none():
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    with approving(plane):
        assert operator(f"login --domain-id {domain}").code == 0
