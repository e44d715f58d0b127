"""The one place that reads the environment."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Variable(NamedTuple):
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
    Variable("PLEXSPHERE_SIGNER_TLS", "--signer-tls", "true: speak TLS to the signer"),
    Variable("PLEXSPHERE_SIGNER_CA_FILE", "--signer-ca-file", "PEM file of the authorities to trust for the signer"),
    Variable("PLEXSPHERE_SIGNER_CERT_FILE", "--signer-cert-file", "PEM file of the client's certificate (mTLS)"),
    Variable("PLEXSPHERE_SIGNER_KEY_FILE", "--signer-key-file", "PEM file of the client's private key (mTLS)"),
    Variable("NO_COLOR", "--no-color", "not empty: no colour"),
    Variable("PLEXCTL_DEBUG", "", "1: show the traceback of an unexpected error"),
    Variable("XDG_CONFIG_HOME", "", "where plexctl/config.json is; ~/.config by default"),
    Variable("XDG_STATE_HOME", "", "where the local plane keeps plexctl/local; ~/.local/state by default"),
    Variable(
        "SSL_CERT_FILE, SSL_CERT_DIR", "", "PEM file, or directory, of the authorities to trust instead of the system's"
    ),
    Variable("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY", "", "proxies, never used for loopback"),
)


_PROXY_VARIABLES = frozenset({"http_proxy", "https_proxy", "grpc_proxy", "all_proxy", "no_proxy"})
# What gRPC and protobuf read by themselves: each of these would change what plexctl prints or how it ends.
_READ_BY_LIBRARIES = ("GRPC_", "PROTOCOL_BUFFERS_", "grpc_", "no_grpc_")
_FOR_LIBRARIES = {"GRPC_VERBOSITY": "NONE", "GRPC_DNS_RESOLVER": "native", "no_grpc_proxy": ""}


class TrustStore(NamedTuple):
    """Where the authorities to trust are, as OpenSSL's variables name them; both None is the system's own store."""

    file: str | None = None
    directories: str | None = None


class Environment:
    """The variables that plexctl takes its settings from; an empty one counts as unset."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def get(self, name: str) -> str | None:
        return self.variables.get(name) or None

    @property
    def config_file(self) -> "Path":
        return self._directory("XDG_CONFIG_HOME", ".config") / "plexctl" / "config.json"

    @property
    def local_plane_directory(self) -> "Path":
        return self._directory("XDG_STATE_HOME", ".local/state") / "plexctl" / "local"

    @property
    def trust_store(self) -> TrustStore:
        return TrustStore(self.get("SSL_CERT_FILE"), self.get("SSL_CERT_DIR"))

    @property
    def proxy_variables(self) -> Mapping[str, str]:
        """The variables that name proxies, and the hosts that are reached without one."""
        return {name: value for name, value in self.variables.items() if name.lower() in _PROXY_VARIABLES}

    @property
    def debug(self) -> bool:
        return self.get("PLEXCTL_DEBUG") == "1"

    @property
    def no_color(self) -> bool:
        return self.get("NO_COLOR") is not None or self.is_terminal_dumb

    @property
    def is_terminal_dumb(self) -> bool:
        return self.get("TERM") == "dumb"

    def _directory(self, name: str, default: str) -> "Path":
        """Resolve an XDG directory; the specification has a relative value ignored."""
        from pathlib import Path  # dear to import, and help names no file

        value = self.get(name)
        if value and Path(value).is_absolute():
            return Path(value)
        return Path(self.get("HOME") or _home_of_user()) / default


def hide_from_libraries() -> None:
    """Take the variables that gRPC and protobuf read out of this process's environment; call it before importing them.

    plexctl decides about proxies, names and certificates itself, and hands the decision over.
    """
    import os

    for name in [name for name in os.environ if name.startswith(_READ_BY_LIBRARIES)]:
        del os.environ[name]
    os.environ.update(_FOR_LIBRARIES)


def _home_of_user() -> str:
    """Look the home up as a shell would; a user whom nobody knows, as in many containers, has `/`."""
    import os

    home = os.path.expanduser("~")  # noqa: PTH111  a Path raises where there is no home
    return home if os.path.isabs(home) else "/"  # noqa: PTH117  a Path raises where there is no home
