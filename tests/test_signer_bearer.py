"""Signing needs no bearer: one that would travel must be usable, one that would not is never looked at."""

import os

import pytest

from tests.fake_signer import FakeSigner, serving
from tests.samples import SIGNING_CLOSE, SIGNING_ROTATE

UNUSABLE = "two words"


@pytest.fixture
def signer():
    fake = FakeSigner()
    with serving(fake) as fake.port:
        yield fake


def files(tmp_path):
    """Make what --token-file can name and no token can be read from."""
    wide, empty, fifo = tmp_path / "wide", tmp_path / "empty", tmp_path / "fifo"
    for path, mode in ((wide, 0o644), (empty, 0o600)):
        path.touch(mode)
        path.chmod(mode)
    os.mkfifo(fifo, 0o600)
    return [str(path) for path in (wide, empty, fifo, tmp_path, tmp_path / "missing")]


@pytest.mark.parametrize("command", [SIGNING_ROTATE, SIGNING_CLOSE])
def test_a_bearer_that_would_not_travel_is_never_looked_at(plexctl, signer, tmp_path, command):
    # on Linux this address reaches loopback without being a name of it
    line = f"{command} --signer-endpoint 0.0.0.0:{signer.port}"
    outcomes = [plexctl(line, PLEXSPHERE_TOKEN=UNUSABLE)]
    outcomes += [plexctl(f"{line} --timeout 5s --token-file", path) for path in files(tmp_path)]
    plexctl.configure({"profiles": {"default": {"token": UNUSABLE, "signer_endpoint": f"0.0.0.0:{signer.port}"}}})
    outcomes += [plexctl(command), plexctl(f"{command} --profile default")]
    assert {(outcome.code, outcome.stderr) for outcome in outcomes} == {(0, "")}
    assert not any("authorization" in call.metadata for call in signer.calls)


@pytest.mark.parametrize("own", ["127.0.0.1:1", "not an endpoint", "", None])
def test_a_token_bound_to_another_signer_is_not_looked_at(plexctl, signer, own):
    profile = {"token": UNUSABLE} if own is None else {"token": UNUSABLE, "signer_endpoint": own}
    plexctl.configure({"profiles": {"default": profile}})
    outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:{signer.port}")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert "authorization" not in signer.calls[0].metadata


def test_a_bearer_that_would_travel_must_be_usable(plexctl, signer, tmp_path):
    line = f"{SIGNING_CLOSE} --timeout 100ms --signer-endpoint"
    here = f"{line} 127.0.0.1:{signer.port}"
    outcomes = [plexctl(here, PLEXSPHERE_TOKEN=UNUSABLE)]
    outcomes += [plexctl(f"{here} --token-file", path) for path in files(tmp_path)]
    outcomes += [plexctl(f"{line} 192.0.2.1:9443 --signer-tls", PLEXSPHERE_TOKEN=UNUSABLE)]
    plexctl.configure({"profiles": {"default": {"token": UNUSABLE, "signer_endpoint": f"localhost:{signer.port}"}}})
    outcomes += [plexctl(SIGNING_CLOSE)]
    assert {outcome.code for outcome in outcomes} == {3}
    assert signer.calls == []
