"""TLS to the signer: its flags, their twins in the environment, and mutual TLS."""

import pytest

from tests.certificates import Certificates, damaged
from tests.failure_checks import assert_failed
from tests.fake_signer import FakeSigner, serving
from tests.samples import SIGNING_CLOSE

TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}
FLAGS = {"ca": "--signer-ca-file", "cert": "--signer-cert-file", "key": "--signer-key-file"}
VARIABLES = {name: f"PLEXSPHERE_SIGNER_{name.upper()}_FILE" for name in FLAGS}


@pytest.fixture
def certificates(tmp_path):
    return Certificates(tmp_path / "certificates")


@pytest.fixture
def signer():
    return FakeSigner()


@pytest.mark.parametrize("way", ["flags", "variables"])
def test_mutual_tls_with_the_signer(plexctl, certificates, signer, way):
    files = {"ca": certificates.authority, "cert": certificates.certificate, "key": certificates.key}
    flags = " ".join(f"{FLAGS[name]} {path}" for name, path in files.items()) if way == "flags" else ""
    environment = {VARIABLES[name]: path for name, path in files.items()} if way == "variables" else {}
    with serving(signer, certificates.grpc_server(mutual=True)) as port:
        endpoint = f"--signer-endpoint 127.0.0.1:{port}"
        assert plexctl(f"{SIGNING_CLOSE} {endpoint} {flags}", **environment, **TOKEN).code == 0
        without = plexctl(f"{SIGNING_CLOSE} {endpoint} --signer-ca-file {certificates.authority}", **TOKEN)
    assert_failed(without, "text", 1)
    assert [call.metadata["authorization"] for call in signer.calls] == ["Bearer t0k3n"]


@pytest.mark.parametrize("way", ["flag", "variable"])
def test_over_tls_a_bearer_goes_to_any_host(plexctl, certificates, signer, way):
    flags = "--signer-tls" if way == "flag" else ""
    environment = {"PLEXSPHERE_SIGNER_TLS": "true"} if way == "variable" else {}
    with serving(signer, certificates.grpc_server()) as port:
        endpoint = f"--signer-endpoint 0.0.0.0:{port}"
        authority = {"SSL_CERT_FILE": certificates.authority}
        assert plexctl(f"{SIGNING_CLOSE} {endpoint} {flags}", **environment, **authority, **TOKEN).code == 0
    assert signer.calls[0].metadata["authorization"] == "Bearer t0k3n"


@pytest.mark.parametrize("given", ["cert", "key"])
@pytest.mark.parametrize("way", ["flag", "variable"])
def test_a_certificate_without_its_key_is_refused(plexctl, certificates, given, way):
    path = {"cert": certificates.certificate, "key": certificates.key}[given]
    flags = f"{FLAGS[given]} {path}" if way == "flag" else ""
    environment = {VARIABLES[given]: path} if way == "variable" else {}
    outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:1 {flags}", **environment)
    assert_failed(outcome, "text", 2)
    assert FLAGS["key" if given == "cert" else "cert"] in outcome.stderr


@pytest.mark.parametrize("damage", FLAGS)
def test_a_file_that_is_no_pem_is_refused_before_any_call(plexctl, certificates, signer, tmp_path, damage):
    files = {"ca": certificates.authority, "cert": certificates.certificate, "key": certificates.key}
    with serving(signer, certificates.grpc_server(mutual=True)) as port:
        for path in damaged(tmp_path):
            flags = " ".join(f"{FLAGS[name]} {file}" for name, file in (files | {damage: str(path)}).items())
            outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:{port} {flags}")
            assert_failed(outcome, "text", 2)
            assert FLAGS[damage] in outcome.stderr
            assert str(path) in outcome.stderr
    assert signer.calls == []


def test_a_key_of_another_certificate_is_refused(plexctl, certificates, tmp_path):
    another = Certificates(tmp_path / "another")
    flags = f"--signer-cert-file {certificates.certificate} --signer-key-file {another.key}"
    outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:1 {flags}")
    assert_failed(outcome, "text", 2)
    assert "--signer-key-file" in outcome.stderr


@pytest.mark.parametrize("value", ["maybe", "2", "tru"])
def test_a_switch_in_the_environment_is_true_or_false(plexctl, value):
    outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:1", PLEXSPHERE_SIGNER_TLS=value)
    assert_failed(outcome, "text", 2)
    assert f"PLEXSPHERE_SIGNER_TLS: {value!r}" in outcome.stderr
