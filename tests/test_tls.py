"""TLS: one trust store for HTTP and the signer."""

import itertools
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.certificates import Certificates, damaged
from tests.failure_checks import assert_failed
from tests.fake_server import FakeServer, answer
from tests.fake_signer import FakeSigner, serving
from tests.samples import EMPTY_PAGE, FORMATS, LIST, SIGNING_CLOSE
from tests.stalls import site

TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}


@pytest.fixture
def certificates(tmp_path):
    return Certificates(tmp_path / "certificates")


@pytest.fixture
def another_authority(tmp_path):
    return Certificates(tmp_path / "another").authority


@pytest.fixture
def https(certificates):
    with FakeServer(certificates.http_server()) as fake:
        fake.play(answer(200, EMPTY_PAGE))
        yield fake


@pytest.fixture
def signer():
    return FakeSigner()


def test_ssl_cert_file_is_trusted_for_http(plexctl, https, certificates):
    outcome = plexctl(f"{LIST} --server {https.url}", SSL_CERT_FILE=certificates.authority, **TOKEN)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert https.requests[0].headers["authorization"] == "Bearer t0k3n"


def test_ssl_cert_file_is_trusted_for_the_signer(plexctl, certificates, signer):
    with serving(signer, certificates.grpc_server()) as port:
        flags = f"--signer-endpoint localhost:{port} --signer-tls"
        outcome = plexctl(f"{SIGNING_CLOSE} {flags}", SSL_CERT_FILE=certificates.authority, **TOKEN)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert signer.calls[0].metadata["authorization"] == "Bearer t0k3n"


def test_ssl_cert_dir_is_trusted_for_both(plexctl, https, certificates, signer, tmp_path):
    empty, directory = str(tmp_path), str(tmp_path / "hashed")
    Path(directory).mkdir()
    shutil.copy(certificates.authority, directory)
    with serving(signer, certificates.grpc_server()) as port:
        signing = f"{SIGNING_CLOSE} --signer-endpoint localhost:{port} --signer-tls"
        assert plexctl(signing, SSL_CERT_DIR=empty).code == 2
        subprocess.run(["openssl", "rehash", directory], check=True, capture_output=True)
        (Path(directory) / "0123abcd.0").symlink_to("a-certificate-that-was-removed")
        assert plexctl(signing, SSL_CERT_DIR=f"{empty}:{directory}").code == 0
    reading = f"{LIST} --server {https.url}"
    assert plexctl(reading, SSL_CERT_DIR=empty, **TOKEN).code == 2
    assert plexctl(reading, SSL_CERT_DIR=f"{empty}:{directory}", **TOKEN).code == 0


def test_what_the_variables_name_takes_the_place_of_the_systems_store(plexctl, monkeypatch, certificates):
    """Otherwise a private authority's operator would trust every public one as well."""
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: pytest.fail("the system's store was consulted"))
    plexctl.environment |= TOKEN | {"SSL_CERT_FILE": certificates.authority}
    assert plexctl(f"{LIST} --server https://127.0.0.1:1 --timeout 100ms").code == 1
    assert plexctl(f"{SIGNING_CLOSE} --signer-tls --signer-endpoint 127.0.0.1:1").code == 1


@pytest.mark.parametrize("output", FORMATS)
def test_an_unknown_authority_is_one_error_and_not_asked_again(plexctl, https, another_authority, output, waits):
    flags = f"--server {https.url} -o {output}"
    outcome = plexctl(f"{LIST} {flags}", SSL_CERT_FILE=another_authority, **TOKEN)
    error = assert_failed(outcome, output, 1)
    assert "certificate verify failed" in (error["detail"] if error else outcome.stderr)
    assert error is None or (error["kind"], error["title"]) == ("unavailable", "TLS Failure")
    assert (https.requests, waits) == ([], [])


@pytest.mark.parametrize("output", FORMATS)
def test_an_unknown_authority_of_a_signer_is_one_error(plexctl, certificates, another_authority, signer, output):
    with serving(signer, certificates.grpc_server()) as port:
        flags = f"--signer-endpoint localhost:{port} --signer-tls -o {output}"
        outcome = plexctl(f"{SIGNING_CLOSE} {flags}", SSL_CERT_FILE=another_authority, **TOKEN)
    error = assert_failed(outcome, output, 1)
    assert error is None or error["grpc_status"] == "UNAVAILABLE"
    assert signer.calls == []


def test_a_certificate_for_another_host_is_refused(plexctl, https, certificates, monkeypatch):
    real = __import__("socket").getaddrinfo
    monkeypatch.setattr("socket.getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
    url = f"https://plexsphere.test:{https.port}"
    outcome = plexctl(f"{LIST} --server {url}", SSL_CERT_FILE=certificates.authority, **TOKEN)
    assert_failed(outcome, "text", 1)
    assert "plexsphere.test" in outcome.stderr
    assert https.requests == []


def test_a_port_without_tls_is_one_line(plexctl, signer):
    with serving(signer) as port:
        outcome = plexctl(f"-v {LIST} --server https://127.0.0.1:{port}", **TOKEN)
    assert outcome.code == 1
    _where, _attempt, error = outcome.stderr.splitlines()
    assert error.startswith("plexctl: TLS Failure: ")


@pytest.mark.parametrize("line", [LIST, f"{SIGNING_CLOSE} --signer-tls --signer-endpoint 127.0.0.1:1"])
def test_a_trust_store_that_cannot_be_read_is_a_usage_error(plexctl, tmp_path, line):
    for path in damaged(tmp_path):
        outcome = plexctl(line, PLEXSPHERE_URL="https://127.0.0.1:1", SSL_CERT_FILE=str(path), **TOKEN)
        assert_failed(outcome, "text", 2)
        assert "SSL_CERT_FILE" in outcome.stderr
        assert str(path) in outcome.stderr


COUNTING = """
import atexit, os, ssl
made = []
original = ssl.SSLContext.__new__
def counted(*arguments):
    made.append(1)
    return original(*arguments)
ssl.SSLContext.__new__ = counted
atexit.register(lambda: open(os.environ["COUNT"], "w").write(str(len(made))))
"""


def test_no_tls_context_is_made_for_http(plexctl, server, https, certificates, tmp_path):
    server.play(answer(200, EMPTY_PAGE))
    count = tmp_path / "count"
    environment = site(tmp_path / "site", COUNTING) | TOKEN | {"COUNT": str(count)}
    environment["SSL_CERT_FILE"] = certificates.authority
    made = []
    for url, proxy in itertools.product([server.url, https.url], ["", "http://127.0.0.1:1"]):
        assert plexctl.child(f"{LIST} --server {url}", HTTP_PROXY=proxy, HTTPS_PROXY=proxy, **environment).code == 0
        made.append(int(count.read_text()))
    assert made[:2] == [0, 0]
    assert min(made[2:]) > 0


@pytest.mark.parametrize(
    "line", [f"{LIST} --server https://127.0.0.1:1", f"{SIGNING_CLOSE} --signer-tls --signer-endpoint 127.0.0.1:1"]
)
def test_a_system_without_a_trust_store_is_asked_for_one(plexctl, monkeypatch, line):
    nowhere = SimpleNamespace(cafile=None, capath=None)
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: nowhere)
    outcome = plexctl(line, **TOKEN)
    assert_failed(outcome, "text", 2)
    assert "SSL_CERT_FILE: must be set, since the system has no trust store in its usual place" in outcome.stderr
