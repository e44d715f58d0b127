"""Where each setting comes from: flag, the profile that --profile names, environment, default profile."""

import itertools

from tests.each import each
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, LIST, SIGNING_CLOSE

SOURCES = ("flag", "named", "environment", "default")
COMBINATIONS = [
    [source for source, present in zip(SOURCES, presence, strict=True) if present]
    for presence in itertools.product((True, False), repeat=4)
]


def winner(present, *, named):
    """Apply the order; with --profile given, the default profile is not read."""
    candidates = [source for source in present if not (source == "default" and named)]
    return candidates[0] if candidates else None


@each("named", [True, False])
@each("present", COMBINATIONS)
def test_the_order_of_the_server(plexctl, server, present, named):
    server.play(answer(200, EMPTY_PAGE))
    urls = {source: f"{server.url}/{source}" for source in present}
    profiles = {name: {"server": urls[name]} if name in urls else {} for name in ("named", "default")}
    plexctl.configure({"profiles": profiles})
    flags = f"--server {urls['flag']}" if "flag" in urls else ""
    flags += " --profile named" if named else ""
    environment = {"PLEXSPHERE_URL": urls["environment"]} if "environment" in urls else {}
    outcome = plexctl(f"{LIST} {flags}", PLEXSPHERE_TOKEN="t0k3n", **environment)
    expected = winner([source for source in present if source != "named" or named], named=named)
    if expected is None:
        assert outcome.code == 2
        for way in ("--server", "PLEXSPHERE_URL", "--profile"):
            assert way in outcome.stderr
    else:
        assert server.requests[0].target == f"/{expected}/v1/projects"


@each("named", [True, False])
@each("present", COMBINATIONS)
def test_the_order_of_the_token(plexctl, server, tmp_path, present, named):
    server.play(answer(200, EMPTY_PAGE))
    own = {"server": server.url}
    profiles = {name: own | ({"token": name} if name in present else {}) for name in ("named", "default")}
    plexctl.configure({"profiles": profiles})
    token_file = tmp_path / "token"
    token_file.touch(0o600)
    token_file.write_text("flag\n")
    flags = f"--token-file {token_file}" if "flag" in present else ""
    flags += " --profile named" if named else ""
    environment = {"PLEXSPHERE_TOKEN": "environment"} if "environment" in present else {}
    outcome = plexctl(f"{LIST} {flags}", **environment)
    expected = winner([source for source in present if source != "named" or named], named=named)
    if expected is None:
        assert outcome.code == 3
        for way in ("--token-file", "PLEXSPHERE_TOKEN", "--profile"):
            assert way in outcome.stderr
        assert server.requests == []
    else:
        assert server.requests[0].headers["authorization"] == f"Bearer {expected}"


@each("named", [True, False])
@each("present", COMBINATIONS)
def test_the_order_of_the_signer_endpoint(plexctl, present, named):
    # nothing listens on these ports of loopback; the verbose line tells which was dialled
    endpoints = {source: f"127.0.0.1:{SOURCES.index(source) + 1}" for source in present}
    profiles = {
        name: {"signer_endpoint": endpoints[name]} if name in endpoints else {} for name in ("named", "default")
    }
    plexctl.configure({"profiles": profiles})
    flags = f"--signer-endpoint {endpoints['flag']}" if "flag" in endpoints else ""
    flags += " --profile named" if named else ""
    environment = {"PLEXSPHERE_SIGNER_ENDPOINT": endpoints["environment"]} if "environment" in endpoints else {}
    outcome = plexctl(f"-v {SIGNING_CLOSE} {flags}", **environment)
    expected = winner([source for source in present if source != "named" or named], named=named)
    if expected is None:
        assert outcome.code == 2
        for way in ("--signer-endpoint", "PLEXSPHERE_SIGNER_ENDPOINT", "--profile"):
            assert way in outcome.stderr
        assert outcome.stderr.count("\n") == 1
    else:
        assert f"grpc://{endpoints[expected]}/" in outcome.stderr


def test_the_server_is_looked_for_before_the_credential(plexctl, tmp_path):
    outcome = plexctl(f"{LIST} --token-file", tmp_path / "missing")
    assert outcome.code == 2
    assert "no server is set" in outcome.stderr


@each("variable", ["PLEXSPHERE_URL", "PLEXSPHERE_SIGNER_ENDPOINT"])
@each("value", ["", "nonsense", "ftp://host", "host", "http://", "host:0", "http://h:99999"])
def test_an_address_in_the_environment_is_checked_before_any_call(plexctl, variable, value):
    line = LIST if variable == "PLEXSPHERE_URL" else SIGNING_CLOSE
    outcome = plexctl(line, PLEXSPHERE_TOKEN="t0k3n", **{variable: value})
    assert (outcome.code, outcome.stdout, outcome.stderr.count("\n")) == (2, "", 1)
    assert variable in outcome.stderr
