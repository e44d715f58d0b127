"""Proxy variables: honoured for other hosts, never for loopback."""

import pytest

from plexctl.clients.proxies import find_proxy
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import FakeServer, answer
from tests.fake_signer import FakeSigner, serving
from tests.samples import EMPTY_PAGE, FORMATS, LIST, SIGNING_CLOSE

TOKEN = {"PLEXSPHERE_TOKEN": "t0k3n"}
LOOPBACK = ["127.0.0.1", "localhost", "LocalHost", "[::1]", "127.1.2.3"]
REACHED = {"127.0.0.1", "localhost", "LocalHost"}  # the others are loopback, and nobody listens there
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


def test_a_token_that_travels_in_the_clear_is_warned_of_except_on_this_machine(plexctl, proxy, server):
    server.play(answer(200, EMPTY_PAGE))
    away = plexctl(f"{LIST} --server http://plexsphere.test:8080", HTTP_PROXY=proxy.url, **TOKEN)
    warning = "plexctl: warning: the bearer token travels in the clear to http://plexsphere.test:8080; use https\n"
    assert away.stderr.startswith(warning)
    assert "in the clear" not in plexctl(f"{LIST} --server {server.url}", **TOKEN).stderr


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
    outcome = plexctl(f"{LIST} --server http://{host}:{server.port}", **environment, **TOKEN)
    assert (outcome.code, len(server.requests)) == ((0, 1) if host in REACHED else (1, 0))
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
    assert (outcome.code, len(signer.calls)) == ((0, 1) if host in REACHED else (1, 0))


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


@each("output", FORMATS)
@each(
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
    values = {"http://me:hunter2@[": 2, "ftp://me:hunter2@proxy:1": 2, "http://me:hunter2@127.0.0.1:1": 1}
    for value, code in values.items():
        outcome = plexctl(f"-v {LIST} --server https://plexsphere.test", HTTPS_PROXY=value, **TOKEN)
        assert outcome.code == code
        assert "hunter2" not in outcome.stderr


@pytest.mark.parametrize("output", FORMATS)
def test_a_proxy_that_is_not_there_is_one_error(plexctl, output):
    line = f"{LIST} -o {output} --server https://plexsphere.test"
    outcome = plexctl(line, HTTPS_PROXY="http://127.0.0.1:1", **TOKEN)
    assert_failed(outcome, output, 1)


EXEMPT = [
    ("192.0.2.0/24", "192.0.2.10", 80),
    ("10.0.0.5/8", "10.9.9.9", 80),
    ("2001:db8::/32", "2001:db8::5", 80),
    ("[2001:db8::5]", "2001:db8::5", 443),
    ("[2001:db8::5]:443", "2001:db8::5", 443),
    ("2001:DB8:0::5", "2001:db8::5", 443),
    ("192.0.2.10", "192.0.2.10", 80),
    ("192.0.2.10:80", "192.0.2.10", 80),
    ("::ffff:192.0.2.10", "192.0.2.10", 80),
    ("corp.test", "corp.test", 80),
    ("corp.test", "a.b.corp.test", 80),
    ("corp.test", "A.CORP.test.", 80),
    ("CORP.TEST.", "a.corp.test", 80),
    (".corp.test", "corp.test", 80),
    ("*.corp.test", "a.corp.test", 80),
    ("corp.test:443", "a.corp.test", 443),
    ("other.test, \t corp.test", "corp.test", 80),
    ("other.test corp.test", "corp.test", 80),
    ("*", "anything.test", 80),
]
NOT_EXEMPT = [
    ("192.0.2.0/24", "192.0.3.1", 80),
    ("192.0.2.0/24", "192.0.2.10.evil.test", 80),
    ("192.0.2.10", "192.0.2.10.evil.test", 80),
    ("2001:db8::/32", "192.0.2.1", 80),
    ("192.0.2.10:81", "192.0.2.10", 80),
    ("[2001:db8::5]:80", "2001:db8::5", 443),
    ("corp.test", "xcorp.test", 80),
    ("corp.test", "corp.test.evil.test", 80),
    ("corp.test:443", "corp.test", 80),
    ("corp.*", "corp.test", 80),
    ("", "corp.test", 80),
    (" , ,", "corp.test", 80),
    (".", "corp.test", 80),
    ("300.0.0.0/8", "192.0.2.1", 80),
    ("192.0.2.0/99", "192.0.2.1", 80),
]


@each("kind", ["http", "https", "grpc"])
@each("variable", ["no_proxy", "NO_PROXY"])
@each(("entries", "host", "port"), EXEMPT)
def test_a_host_that_no_proxy_names_is_reached_directly(kind, variable, entries, host, port):
    assert find_proxy(kind, host, port, {"ALL_PROXY": "http://p:1", variable: entries}) is None


@each("kind", ["http", "https", "grpc"])
@each(("entries", "host", "port"), NOT_EXEMPT)
def test_a_host_that_no_proxy_does_not_name_goes_through_the_proxy(kind, entries, host, port):
    assert find_proxy(kind, host, port, {"ALL_PROXY": "http://p:1", "NO_PROXY": entries}) == ("http://p:1", "p", 1)


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("p", "http://p:80"),
        ("p:3128", "http://p:3128"),
        ("http://p:3128/", "http://p:3128"),
        ("https://p", "https://p:443"),
        ("http://u:w@p:1/path", "http://u:w@p:1"),
        ("[2001:db8::1]:3128", "http://[2001:db8::1]:3128"),
        (" http://p:1 ", "http://p:1"),
    ],
)
def test_a_proxys_url_is_read_as_people_write_it(value, url):
    proxy = find_proxy("http", "plexsphere.test", 80, {"http_proxy": value})
    assert proxy is not None
    assert proxy.url == url


def test_lower_case_wins_and_what_is_empty_counts_as_unset():
    def proxy(**variables):
        found = find_proxy("https", "plexsphere.test", 443, variables)
        return found and found.host

    assert proxy(https_proxy="lower", HTTPS_PROXY="upper") == "lower"
    assert proxy(https_proxy="", HTTPS_PROXY="upper") == "upper"
    assert proxy(https_proxy=" ", all_proxy="all") == "all"
    assert proxy(http_proxy="of-another-scheme") is None


def test_a_broken_proxy_that_would_not_be_used_is_no_failure(plexctl, server):
    server.play(answer(200, EMPTY_PAGE))
    broken = {"HTTPS_PROXY": "http://[", "ALL_PROXY": "socks5://p:1", "NO_PROXY": "0.0.0.0"}
    assert plexctl(f"{LIST} --server http://0.0.0.0:{server.port}", **broken, **TOKEN).code == 0


@pytest.mark.parametrize("exempt", [True, False])
def test_both_clients_take_the_same_way(plexctl, proxy, server, exempt):
    server.play(answer(200, EMPTY_PAGE))
    proxy.play(answer(502))
    no_proxy = f"0.0.0.0:{server.port}" if exempt else "0.0.0.1"
    variables = {"http_proxy": proxy.url, "https_proxy": proxy.url, "NO_PROXY": no_proxy}
    plexctl(f"{LIST} --server http://0.0.0.0:{server.port} --timeout 5s", **variables, **TOKEN)
    through = len(proxy.requests)
    plexctl(f"{SIGNING_CLOSE} --signer-endpoint 0.0.0.0:{server.port} --timeout 5s", **variables)
    assert (through > 0, len(proxy.requests) > through) == (not exempt, not exempt)


@pytest.mark.parametrize(
    "line", [f"{LIST} --server https://plexsphere.test", f"{SIGNING_CLOSE} --signer-endpoint a.test:1"]
)
def test_a_proxy_that_cannot_be_reached_is_named(plexctl, line):
    outcome = plexctl(line, https_proxy="http://127.0.0.1:1", **TOKEN)
    assert outcome.code == 1
    assert " through the proxy 127.0.0.1:1: Connection refused" in outcome.stderr
