"""Proxy variables: honoured for other hosts, never for loopback."""

import pytest

from tests.failure_checks import assert_failed
from tests.fake_server import FakeServer, answer
from tests.fake_signer import FakeSigner, serving
from tests.samples import EMPTY_PAGE, FORMATS, LIST, SIGNING_CLOSE

TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}
LOOPBACK = ["127.0.0.1", "localhost", "LocalHost", "[::1]", "127.1.2.3"]
VARIABLES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]


@pytest.fixture
def proxy():
    with FakeServer() as fake:
        fake.play(answer(200, EMPTY_PAGE))
        yield fake


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    monkeypatch.setattr("plexctl.clients.transport.time.sleep", lambda _: None)


@pytest.mark.parametrize("variable", VARIABLES)
def test_http_goes_through_the_proxy(plexctl, proxy, variable):
    outcome = plexctl(f"{LIST} --server http://plexsphere.test:8080", **{variable: proxy.url}, **TOKEN)
    assert outcome.code == 0
    assert proxy.requests[0].target == "http://plexsphere.test:8080/v1/projects"
    assert proxy.requests[0].headers["authorization"] == "Bearer t0k3n"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_https_goes_through_the_proxy_by_connect_and_shows_it_no_token(plexctl, proxy, variable):
    proxy.play(answer(403))
    outcome = plexctl(f"{LIST} --server https://plexsphere.test", **{variable: proxy.url}, **TOKEN)
    assert_failed(outcome, "text", 1)
    assert (proxy.requests[0].method, proxy.requests[0].target) == ("CONNECT", "plexsphere.test:443")
    assert "authorization" not in proxy.requests[0].headers


def test_no_proxy_is_honoured(plexctl, proxy, server):
    server.play(answer(200, EMPTY_PAGE))
    environment = {"HTTP_PROXY": proxy.url, "NO_PROXY": "0.0.0.0"}
    assert plexctl(f"{LIST} --server http://0.0.0.0:{server.port}", **environment, **TOKEN).code == 0
    assert (len(server.requests), proxy.requests) == (1, [])


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_never_goes_through_a_proxy(plexctl, proxy, server, host):
    server.play(answer(200, EMPTY_PAGE))
    environment = dict.fromkeys([*VARIABLES, "HTTPS_PROXY", "https_proxy"], proxy.url)
    plexctl(f"{LIST} --server http://{host}:{server.port}", **environment, **TOKEN)
    plexctl(f"{LIST} --server https://{host}:1", **environment, **TOKEN)
    assert proxy.requests == []


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_signer_on_loopback_never_goes_through_a_proxy(plexctl, proxy, host):
    names = ["grpc_proxy", "https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]
    signer = FakeSigner()
    with serving(signer) as port:
        flags = f"--signer-endpoint {host}:{port}"
        outcome = plexctl(f"{SIGNING_CLOSE} {flags}", **dict.fromkeys(names, proxy.url))
    assert proxy.requests == []
    assert (outcome.code == 0) == bool(signer.calls)


@pytest.mark.parametrize("variable", ["grpc_proxy", *VARIABLES, "HTTPS_PROXY", "https_proxy"])
def test_a_signer_elsewhere_goes_through_the_proxy(plexctl, proxy, variable):
    proxy.play(answer(403))
    flags = "--signer-endpoint signer.test:9443"
    outcome = plexctl(f"{SIGNING_CLOSE} {flags}", **{variable: proxy.url}, **TOKEN)
    assert_failed(outcome, "text", 1)
    assert (proxy.requests[0].method, proxy.requests[0].target) == ("CONNECT", "signer.test:9443")


def test_no_proxy_is_honoured_by_the_signer(plexctl, proxy):
    signer = FakeSigner()
    with serving(signer) as port:
        environment = {"HTTPS_PROXY": proxy.url, "NO_PROXY": "0.0.0.0"}
        assert plexctl(f"{SIGNING_CLOSE} --signer-endpoint 0.0.0.0:{port}", **environment).code == 0
    assert proxy.requests == []


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize(
    "value",
    [
        "ftp://proxy:1",
        "http://[",
        "http://proxy:port",
        "http://proxy:99999",
        "socks5://127.0.0.1:1",
        "http://a b",
        "://",
    ],
)
def test_a_broken_variable_is_a_usage_error(plexctl, value, output):
    line = f"{LIST} -o {output} --server https://plexsphere.test"
    outcome = plexctl(line, HTTPS_PROXY=value, **TOKEN)
    error = assert_failed(outcome, output, 2)
    assert "HTTPS_PROXY" in (error["detail"] if error else outcome.stderr)


def test_a_broken_variable_is_a_usage_error_for_a_signer_too(plexctl):
    outcome = plexctl(f"{SIGNING_CLOSE} --signer-endpoint signer.test:1", HTTPS_PROXY="http://proxy:port")
    assert_failed(outcome, "text", 2)
    assert "HTTPS_PROXY" in outcome.stderr


def test_a_password_in_a_variable_is_not_repeated(plexctl):
    for value in ("http://me:hunter2@[", "ftp://me:hunter2@proxy:1", "http://me:hunter2@127.0.0.1:1"):
        outcome = plexctl(f"-v {LIST} --server https://plexsphere.test", HTTPS_PROXY=value, **TOKEN)
        assert outcome.code in {1, 2}
        assert "hunter2" not in outcome.stderr


@pytest.mark.parametrize("output", FORMATS)
def test_a_proxy_that_is_not_there_is_one_error(plexctl, output):
    line = f"{LIST} -o {output} --server https://plexsphere.test"
    outcome = plexctl(line, HTTPS_PROXY="http://127.0.0.1:1", **TOKEN)
    assert_failed(outcome, output, 1)
