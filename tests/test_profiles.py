"""Profiles: which one is the default, and where the token of one may go."""

import pytest

from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.fake_signer import FakeSigner, serving
from tests.samples import EMPTY_PAGE, FORMATS, LIST, SIGNING_CLOSE


def configure(plexctl, profiles, **document):
    return plexctl.configure({"profiles": profiles, **document})


@pytest.mark.parametrize(
    ("flag", "variable", "pointer", "used"),
    [
        (None, None, None, "default"),
        (None, None, "b", "b"),
        (None, "c", "b", "c"),
        ("a", "c", "b", "a"),
    ],
)
def test_which_profile_is_the_default_one(plexctl, server, flag, variable, pointer, used):
    server.play(answer(200, EMPTY_PAGE))
    profiles = {name: {"server": f"{server.url}/{name}", "token": f"t-{name}"} for name in ("default", "a", "b", "c")}
    configure(plexctl, profiles, **({"default_profile": pointer} if pointer else {}))
    flags = f"--profile {flag}" if flag else ""
    assert plexctl(f"{LIST} {flags}", **({"PLEXSPHERE_PROFILE": variable} if variable else {})).code == 0
    assert server.requests[0].target == f"/{used}/v1/projects"
    assert server.requests[0].headers["authorization"] == f"Bearer t-{used}"


def test_the_profile_variable_only_replaces_the_pointer(plexctl, server):
    server.play(answer(200, EMPTY_PAGE))
    configure(plexctl, {"a": {"server": f"{server.url}/a", "token": "t-a"}})
    environment = {"PLEXSPHERE_URL": f"{server.url}/environment", "PLEXSPHERE_TOKEN": "t-environment"}
    plexctl(LIST, PLEXSPHERE_PROFILE="a", **environment)
    plexctl(f"{LIST} --profile a", **environment)
    assert [request.target for request in server.requests] == ["/environment/v1/projects", "/a/v1/projects"]
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer t-environment", "Bearer t-a"]


@each("line", [LIST, SIGNING_CLOSE])
@each("output", FORMATS)
@each("way", ["--profile", "PLEXSPHERE_PROFILE", "default_profile"])
def test_an_unknown_profile_lists_the_known_ones(against, server, way, output, line):
    pointer = {"default_profile": "nope"} if way == "default_profile" else {}
    configure(against, {"zeta": {}, "alpha": {}}, **pointer)
    flags = "--profile nope" if way == "--profile" else ""
    environment = {"PLEXSPHERE_PROFILE": "nope"} if way == "PLEXSPHERE_PROFILE" else {}
    outcome = against(f"{line} {flags} -o {output}", **environment)
    error = assert_failed(outcome, output, 2)
    said = error["detail"] if error else outcome.stderr
    assert way in said
    assert "'nope' is not a profile; known: alpha, zeta" in said
    assert server.requests == []


@each(
    ("own", "asked_for"),
    [
        ("http://127.0.0.1:{port}", "http://127.0.0.1:{port}"),
        ("http://127.0.0.1:{port}", "http://localhost:{port}"),
        ("http://LOCALHOST:{port}/", "HTTP://127.0.0.1:{port}/a/path"),
        ("http://[::1]:{port}", "http://localhost:{port}"),
        ("http://[0:0:0:0:0:0:0:1]:{port}", "http://localhost:{port}"),
        ("http://localhost.:{port}", "http://localhost:{port}"),
    ],
)
@each("way", ["--server", "PLEXSPHERE_URL"])
def test_a_profiles_token_goes_to_its_own_server(plexctl, server, own, asked_for, way):
    server.play(answer(200, EMPTY_PAGE))
    configure(plexctl, {"default": {"server": own.format(port=server.port), "token": "its-own"}})
    url = asked_for.format(port=server.port)
    outcome = plexctl(f"{LIST} --server {url}") if way == "--server" else plexctl(LIST, PLEXSPHERE_URL=url)
    assert outcome.code == 0
    assert server.requests[0].headers["authorization"] == "Bearer its-own"


@each(
    ("own", "asked_for"),
    [
        ("https://plexsphere.test", "{url}"),
        ("https://127.0.0.1:{port}", "{url}"),
        ("http://127.0.0.1:1", "{url}"),
        ("http://127.0.0.1", "{url}"),
        ("http://127.0.0.2:{port}", "{url}"),
        ("http://127.0.0.1:{port}.evil.test", "{url}"),
        (None, "{url}"),
        ("https://plexsphere.test", "http://plexsphere.test"),
        ("https://plexsphere.test", "https://plexsphere.test:8443"),
        ("https://plexsphere.test", "https://plexsphere.test.evil.test"),
    ],
)
@each("output", FORMATS)
def test_a_profiles_token_goes_nowhere_else(plexctl, server, own, asked_for, output):
    own = own and own.format(port=server.port)
    configure(plexctl, {"default": {"token": "its-own"} | ({"server": own} if own else {})})
    outcome = plexctl(f"{LIST} -o {output} --server", asked_for.format(url=server.url))
    error = assert_failed(outcome, output, 2 if own and own.endswith(".evil.test") else 3)
    assert (own or "belongs to no server") in (error["detail"] if error else outcome.stderr)
    assert "its-own" not in outcome.stderr
    assert server.requests == []


def test_what_to_do_about_a_token_of_another_server_does_help(plexctl, server, tmp_path):
    server.play(answer(200, EMPTY_PAGE))
    configure(plexctl, {"default": {"token": "its-own"}, "other": {"token": "its-own"}})
    token_file = tmp_path / "token"
    token_file.touch(0o600)
    token_file.write_text("for-this-one")
    for flags, advice in [("", "--token-file or PLEXSPHERE_TOKEN"), ("--profile other", "--token-file")]:
        call = f"{LIST} --server {server.url} {flags}"
        refused = plexctl(call)
        assert refused.code == 3
        assert f"; give {advice} for this server" in refused.stderr
        assert plexctl(f"{call} --token-file", token_file).code == 0
        assert plexctl(call, PLEXSPHERE_TOKEN="for-this-one").code == (0 if "PLEXSPHERE" in advice else 3)


def test_default_ports_are_filled_in_before_servers_are_compared(plexctl, monkeypatch):
    monkeypatch.setattr("plexctl.clients.transport.time.sleep", lambda _: None)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [])
    pairs = [("https://Plexsphere.test", "https://plexsphere.TEST:443"), ("http://a.test:80", "http://a.test")]
    for own, asked_for in pairs:
        configure(plexctl, {"default": {"server": own, "token": "its-own"}})
        outcome = plexctl(f"{LIST} --server {asked_for}")
        assert outcome.code == 1
        assert "Server Unreachable" in outcome.stderr


def test_a_credential_given_for_the_call_goes_wherever_it_does(plexctl, server):
    server.play(answer(200, EMPTY_PAGE))
    configure(plexctl, {"default": {"server": "https://plexsphere.test", "token": "its-own"}})
    assert plexctl(f"{LIST} --server {server.url}", PLEXSPHERE_TOKEN="for-this-one").code == 0
    assert server.requests[0].headers["authorization"] == "Bearer for-this-one"


@pytest.mark.parametrize(
    ("own", "goes_along"),
    [
        ("127.0.0.1:{port}", True),
        ("LocalHost:{port}", True),
        ("[::1]:{port}", True),
        ("[0:0::0:1]:{port}", True),
        ("127.0.0.1:1", False),
        ("signer.test:{port}", False),
        (None, False),
    ],
)
def test_a_profiles_token_goes_to_its_own_signer_only_and_the_call_goes_either_way(plexctl, own, goes_along):
    signer = FakeSigner()
    with serving(signer) as port:
        endpoint = {"signer_endpoint": own.format(port=port)} if own else {}
        configure(plexctl, {"default": {"server": f"http://127.0.0.1:{port}", "token": "its-own", **endpoint}})
        outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:{port}")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert signer.calls[0].metadata.get("authorization") == ("Bearer its-own" if goes_along else None)
