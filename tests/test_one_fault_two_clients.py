"""One fault, both clients: HTTP and the signer give it the same kind, the same exit code and the same advice."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.certificates import Certificates
from tests.command import Command, Outcome
from tests.fake_server import FakeServer, answer
from tests.fake_signer import FakeSigner, serving
from tests.samples import LIST, SIGNING_CLOSE
from tests.stalls import full_backlog, unresolvable

Scene = Callable[[], "contextlib.AbstractContextManager[str]"]


class Fault(NamedTuple):
    """What is wrong on the way, as an endpoint or as settings, and what both clients must say."""

    kind: str
    code: int
    advice: str
    scene: Scene | None = None
    settings: Mapping[str, str] = {}
    tls: bool = False


def answered(act: Callable[[socket.socket], None]) -> Scene:
    """Make an endpoint that treats every connection so."""

    @contextlib.contextmanager
    def scene() -> Iterator[str]:
        with contextlib.ExitStack() as kept, socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=_accept, args=(listener, act, kept))
            thread.start()
            yield f"127.0.0.1:{listener.getsockname()[1]}"
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()

    return scene


def _accept(listener: socket.socket, act: Callable[[socket.socket], None], kept: contextlib.ExitStack) -> None:
    """Act on each connection until the listener is shut down."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            kept.callback(connection.close)
            with contextlib.suppress(OSError):  # the client may be gone
                act(connection)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket) -> None:
    connection.recv(1)
    connection.close()


@contextlib.contextmanager
def nobody() -> Iterator[str]:
    yield "127.0.0.1:1"


@contextlib.contextmanager
def no_name() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.getaddrinfo", unresolvable)
        yield "no-such-host.invalid:443"


@contextlib.contextmanager
def stuck() -> Iterator[str]:
    with full_backlog() as port, pytest.MonkeyPatch.context() as patch:
        patch.setattr("plexctl.clients.dial.CONNECT_SECONDS", 0.2)
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def plain_grpc() -> Iterator[str]:
    with serving(FakeSigner()) as port:
        yield f"127.0.0.1:{port}"


FAULTS = {
    "no such name": Fault("unavailable", 1, "no-such-host.invalid", no_name),
    "nobody listens": Fault("unavailable", 1, "Connection refused", nobody),
    "nobody accepts": Fault("unavailable", 1, "no connection within", stuck),
    "hung up": Fault("unavailable", 1, "", answered(hang_up)),
    "reset": Fault("unavailable", 1, "", answered(reset)),
    "no answer": Fault("timeout", 1, "--timeout", answered(lambda _: None), {"TIMEOUT": "200ms"}),
    "no TLS there": Fault("unavailable", 1, "", plain_grpc, tls=True),
    "no answer to TLS": Fault("timeout", 1, "--timeout", answered(lambda _: None), {"TIMEOUT": "200ms"}, tls=True),
    "TLS hung up": Fault("unavailable", 1, "", answered(hang_up), tls=True),
    "a proxy that is not there": Fault(
        "unavailable", 1, "Connection refused", None, {"HTTPS_PROXY": "http://127.0.0.1:1"}, tls=True
    ),
    "a proxy that is no URL": Fault("usage", 2, "HTTPS_PROXY", None, {"HTTPS_PROXY": "http://["}, tls=True),
    "a proxy that cannot be used": Fault("usage", 2, "socks5://", None, {"HTTPS_PROXY": "socks5://p:1"}, tls=True),
    "no file of authorities": Fault("usage", 2, "SSL_CERT_FILE", nobody, {"SSL_CERT_FILE": "/nowhere"}, tls=True),
    "no folder of authorities": Fault(
        "usage", 2, "'/nowhere' is not a directory", nobody, {"SSL_CERT_DIR": "/nowhere"}, tls=True
    ),
    "an empty folder": Fault("usage", 2, "openssl rehash", nobody, {"SSL_CERT_DIR": "EMPTY"}, tls=True),
    "a file without certificates": Fault(
        "usage", 2, "contains no certificate", nobody, {"SSL_CERT_FILE": "KEY"}, tls=True
    ),
    "one broken certificate of two": Fault(
        "usage", 2, "certificate 2 of 2 in", nobody, {"SSL_CERT_FILE": "BROKEN"}, tls=True
    ),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, str]:
    """The files that settings name in capitals."""
    directory = tmp_path_factory.mktemp("files")
    made = Certificates(directory / "certificates")
    whole = Path(made.authority).read_text()
    broken = directory / "broken.pem"
    broken.write_text(whole + whole.replace("MII", "AAA", 1))
    (directory / "empty").mkdir()
    return {"EMPTY": str(directory / "empty"), "KEY": made.key, "BROKEN": str(broken), "TRUSTED": made.authority}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("made") / "made")


def both(plexctl: Command, endpoint: str, fault: Fault, settings: dict[str, str]) -> Iterator[Outcome]:
    settings = {"PLEXSPHERE_TOKEN": "t0k3n", **settings}
    timeout = settings.pop("TIMEOUT", "60s")
    scheme = "https" if fault.tls else "http"
    yield plexctl(f"{LIST} --server {scheme}://{endpoint} --timeout {timeout} -o json", **settings)
    tls = "--signer-tls" if fault.tls else ""
    yield plexctl(f"{SIGNING_CLOSE} --signer-endpoint {endpoint} {tls} --timeout {timeout} -o json", **settings)


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_one_kind_one_code_and_one_advice(plexctl, files, name):
    fault = FAULTS[name]
    settings = {variable: files.get(value, value) for variable, value in fault.settings.items()}
    scene = fault.scene or (lambda: contextlib.nullcontext("plexsphere.test:443"))
    with scene() as endpoint:
        outcomes = list(both(plexctl, endpoint, fault, settings))
    assert [(outcome.code, outcome.error["kind"]) for outcome in outcomes] == [(fault.code, fault.kind)] * 2
    for outcome in outcomes:
        assert fault.advice in outcome.error["detail"]
        assert outcome.stdout == ""


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_is_refused_in_the_same_words(plexctl, tmp_path, files, trusted):
    server = Certificates(tmp_path / "server")
    store = server.authority if trusted else files["TRUSTED"]
    words = "plexsphere.test" if trusted else "certificate verify failed"
    fault = Fault("unavailable", 1, words, tls=True)
    with serving(FakeSigner(), server.grpc_server()) as port, pytest.MonkeyPatch.context() as patch:
        real = socket.getaddrinfo
        patch.setattr("socket.getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
        outcomes = list(both(plexctl, f"plexsphere.test:{port}", fault, {"SSL_CERT_FILE": store}))
    for outcome in outcomes:
        assert (outcome.code, outcome.error["kind"], outcome.error["title"]) == (1, "unavailable", "TLS Failure")
        assert words in outcome.error["detail"]


def test_https_takes_a_client_certificate_as_the_signer_does(plexctl, tmp_path):
    made = Certificates(tmp_path / "made")
    context = made.http_server()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(made.authority)
    with FakeServer(context) as https:
        https.play(answer(200, {"items": []}))
        flags = f"--server {https.url} --ca-file {made.authority}"
        pair = {"PLEXSPHERE_CERT_FILE": made.certificate, "PLEXSPHERE_KEY_FILE": made.key}
        given = f"{flags} --cert-file {made.certificate} --key-file {made.key}"
        assert plexctl(f"{LIST} {given}", PLEXSPHERE_TOKEN="t").code == 0
        assert plexctl(f"{LIST} {flags}", PLEXSPHERE_TOKEN="t", **pair).code == 0
        assert len(https.requests) == 2
        assert plexctl(f"{LIST} {flags}", PLEXSPHERE_TOKEN="t").code == 1


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ("--cert-file CERT", "--key-file: is required with --cert-file"),
        ("--key-file KEY", "--cert-file: is required with --key-file"),
        ("--cert-file CERT --key-file CERT", "--cert-file and --key-file"),
        ("--cert-file /nowhere --key-file KEY", "--cert-file: '/nowhere' cannot be read"),
        ("--ca-file KEY", "--ca-file: "),
        ("--ca-file /dev/null", "--ca-file: '/dev/null' is not a PEM file"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "signer-"])
def test_files_that_cannot_be_used_are_named_by_their_flag(plexctl, made, flags, complaint, prefix):
    line = f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:1" if prefix else f"{LIST} --server https://127.0.0.1:1"
    given = flags.replace("CERT", made.certificate).replace("KEY", made.key).replace("--", f"--{prefix}")
    outcome = plexctl(f"{line} {given}", PLEXSPHERE_TOKEN="t0k3n-long")
    assert outcome.code == 2
    assert complaint.replace("--", f"--{prefix}") in outcome.stderr


HOSTILE = {
    "GRPC_VERBOSITY": "DEBUG",
    "GRPC_TRACE": "all",
    "GRPC_DNS_RESOLVER": "ares",
    "GRPC_SSL_CIPHER_SUITES": "nonsense",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": "/nowhere",
    "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "cpp",
    "SSLKEYLOGFILE": "/nowhere/keys",
    "no_grpc_proxy": "nonsense",
}


@pytest.mark.parametrize("variable", HOSTILE)
def test_a_variable_that_libraries_read_changes_nothing(plexctl, made, variable):
    with serving(FakeSigner(), made.grpc_server()) as port:
        line = f"{SIGNING_CLOSE} --signer-endpoint localhost:{port} --signer-ca-file {made.authority} -o json"
        outcome = plexctl.child(line, **{variable: HOSTILE[variable]})
    assert (outcome.code, outcome.stderr) == (0, "")


def test_all_variables_that_libraries_read_leave_an_error_as_it_is(plexctl):
    refused = plexctl.child(f"{SIGNING_CLOSE} --signer-endpoint 127.0.0.1:1 -o json", **HOSTILE)
    assert refused.error["kind"] == "unavailable"
