"""The settings in the environment; no other module looks a variable up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Variable(NamedTuple):
    """An environment variable, the flag that it stands in for (or an empty string), and what it sets."""

    name: str
    flag: str
    meaning: str


VARIABLES = (
    Variable("PLEXSPHERE_URL", "--server", "the HTTP API, such as https://plexsphere.example"),
    Variable("PLEXSPHERE_TOKEN", "--token-file", "the bearer token itself"),
    Variable("PLEXSPHERE_PROFILE", "--profile", "the profile used as the default one"),
    Variable("PLEXSPHERE_OUTPUT", "--output", "text, json or yaml"),
    Variable("PLEXSPHERE_SIGNER_ENDPOINT", "--signer-endpoint", "the signer's HOST:PORT"),
    Variable("PLEXSPHERE_CA_FILE", "--ca-file", "PEM file of the authorities to trust for an https server"),
    Variable("PLEXSPHERE_CERT_FILE", "--cert-file", "PEM file of the client's certificate for an https server (mTLS)"),
    Variable("PLEXSPHERE_KEY_FILE", "--key-file", "PEM file of the client's private key for an https server (mTLS)"),
    Variable("PLEXSPHERE_SIGNER_TLS", "--signer-tls", "true: use TLS to the signer"),
    Variable("PLEXSPHERE_SIGNER_CA_FILE", "--signer-ca-file", "PEM file of the authorities to trust for the signer"),
    Variable("PLEXSPHERE_SIGNER_CERT_FILE", "--signer-cert-file", "PEM file of the client's certificate (mTLS)"),
    Variable("PLEXSPHERE_SIGNER_KEY_FILE", "--signer-key-file", "PEM file of the client's private key (mTLS)"),
    Variable("PLEXCTL_LOCAL_DATA_DIR", "--data-dir", "data directory of the local plane that `local` commands mean"),
    Variable("NOTIFY_SOCKET", "", "socket of the service manager that `local serve` informs; systemd sets it"),
    Variable("PLEXSPHERE_TIMEOUT", "--timeout", "deadline of one request, such as 90s"),
    Variable("NO_COLOR", "--no-color", "not empty: no colour"),
    Variable("FORCE_COLOR", "--color", "not empty: colour in a pipe, too, unless NO_COLOR is set"),
    Variable("PLEXCTL_DEBUG", "", "1: say which server is used, and show the traceback of an unexpected error"),
    Variable("XDG_CONFIG_HOME", "", "where plexctl/config.json is; ~/.config by default"),
    Variable("XDG_STATE_HOME", "", "where the local plane keeps plexctl/local; ~/.local/state by default"),
    Variable(
        "SSL_CERT_FILE, SSL_CERT_DIR", "", "PEM file, or directory, of the authorities to trust instead of the system's"
    ),
    Variable("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY", "", "proxies, never used for loopback"),
)


_PROXY_VARIABLES = frozenset({"http_proxy", "https_proxy", "grpc_proxy", "all_proxy", "no_proxy"})
# Variables that gRPC and protobuf read: each of them would change plexctl's output or exit code.
_READ_BY_LIBRARIES = ("GRPC_", "PROTOCOL_BUFFERS_", "grpc_", "no_grpc_")
_FOR_LIBRARIES = {"GRPC_VERBOSITY": "NONE", "GRPC_DNS_RESOLVER": "native", "no_grpc_proxy": ""}


class TrustStore(NamedTuple):
    """Where the trusted authorities are, as OpenSSL's variables name them; None twice means the system's own store."""

    file: str | None = None
    directories: str | None = None


class Environment:
    """The variables that plexctl reads; an empty one counts as unset."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def get(self, name: str) -> str | None:
        """Return a variable's value, or None where it is unset or empty."""
        return self.variables.get(name) or None

    @property
    def own_names(self) -> "list[str]":
        """The names of the variables that are plexctl's alone, whether it knows them or not."""
        return sorted(name for name in self.variables if name.startswith("PLEXSPHERE_"))

    @property
    def columns(self) -> int:
        """The width of the window: COLUMNS, else that of stdout's terminal, else 80."""
        import os

        columns = self.get("COLUMNS") or ""
        if columns.isdecimal() and int(columns):
            return int(columns)
        try:
            return os.get_terminal_size().columns
        except OSError:
            return 80

    @property
    def config_file(self) -> "Path":
        """The path of config.json."""
        return self._directory("XDG_CONFIG_HOME", ".config") / "plexctl" / "config.json"

    @property
    def local_plane_directory(self) -> "Path":
        """The local plane's default data directory."""
        return self._directory("XDG_STATE_HOME", ".local/state") / "plexctl" / "local"

    @property
    def trust_store(self) -> TrustStore:
        """The trust store that SSL_CERT_FILE and SSL_CERT_DIR name."""
        return TrustStore(self.get("SSL_CERT_FILE"), self.get("SSL_CERT_DIR"))

    @property
    def proxy_variables(self) -> Mapping[str, str]:
        """The variables that name proxies, and the hosts that need none."""
        return {name: value for name, value in self.variables.items() if name.lower() in _PROXY_VARIABLES}

    @property
    def debug(self) -> bool:
        """Whether an unexpected error shall show its traceback."""
        return self.get("PLEXCTL_DEBUG") == "1"

    @property
    def color(self) -> str | None:
        """What NO_COLOR and FORCE_COLOR ask for: never or always, or None."""
        if self.get("NO_COLOR") is not None:
            return "never"
        return "always" if self.get("FORCE_COLOR") is not None else None

    @property
    def is_terminal_dumb(self) -> bool:
        """Whether the terminal understands no control sequences."""
        return self.get("TERM") == "dumb"

    def _directory(self, name: str, default: str) -> "Path":
        """Return an XDG directory."""
        from pathlib import Path  # slow to import, and help needs no path

        directory = self._absolute(name)
        return Path(directory) if directory else Path(self._absolute("HOME") or _home_of_user()) / default

    def _absolute(self, name: str) -> str | None:
        """Return a variable's path; a relative one counts as unset, as the XDG specification demands."""
        value = self.get(name)
        return value if value and value.startswith("/") else None


def hide_from_libraries() -> None:
    """Remove the variables that gRPC and protobuf read from this process's environment; call it before importing them.

    plexctl decides about proxies, names and certificates itself, and passes its decisions on.
    """
    import os

    for name in [name for name in os.environ if name.startswith(_READ_BY_LIBRARIES)]:
        del os.environ[name]
    os.environ.update(_FOR_LIBRARIES)


def _home_of_user() -> str:
    """Return the home directory of the user's account; for a user without one, as in many containers, `/`."""
    import os
    import pwd  # no command needs it where HOME is set

    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return "/"
    return home if home.startswith("/") else "/"
