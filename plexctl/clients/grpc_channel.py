"""The one import of grpc, and a channel to one host and port, which plexctl's own network policy tries first."""

import logging
import ssl
import sys
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from plexctl.clients.call_options import CallOptions
from plexctl.clients.dial import dial
from plexctl.clients.proxies import Proxy, find_proxy
from plexctl.settings.environment import hide_from_libraries
from plexctl.settings.tls import ClientTls
from plexctl.version import VERSION

if TYPE_CHECKING:
    import grpc

Option = tuple[str, int | str]


class Endpoint(NamedTuple):
    """A host, without brackets, and its port; the channel is plain text where `tls` is None."""

    host: str
    port: int
    tls: ClientTls | None

    @property
    def authority(self) -> str:
        """Write it as HOST:PORT."""
        return join(self.host, self.port)


def join(host: str, port: int) -> str:
    """Write a host and a port as HOST:PORT, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def load_grpc() -> Any:  # noqa: ANN401  the module itself
    """Import grpc so that no variable of the caller changes what it does, and it writes nothing to stderr."""
    hide_from_libraries()
    if "grpc" not in sys.modules:
        logger = logging.getLogger("grpc")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import grpc

    return grpc


def load_messages() -> Any:  # noqa: ANN401  the module itself
    """Import the generated messages, and with them protobuf, as `load_grpc` imports grpc."""
    hide_from_libraries()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from plexctl.signing.v1 import signing_pb2

    return signing_pb2


def proxy_of(endpoint: Endpoint, options: CallOptions) -> Proxy | None:
    """Find the proxy for the endpoint, or None.

    Raises: Failure(usage).
    """
    return find_proxy("grpc", endpoint.host, endpoint.port, options.proxy_variables)


def context_of(endpoint: Endpoint, options: CallOptions) -> ssl.SSLContext | None:
    """Make the context of a TLS channel, or None for plain text.

    Raises: Failure(usage).
    """
    if endpoint.tls is None:
        return None
    from plexctl.clients.trust import client_context

    return client_context(endpoint.tls, options.trust_store, ["h2"])


def try_connection(endpoint: Endpoint, proxy: Proxy | None, context: ssl.SSLContext | None) -> str:
    """Connect, complete the TLS handshake, disconnect, and return the target that gRPC shall connect to.

    Left to itself, gRPC resolves names by rules of its own, reads some of them as URI schemes, waits twice as long and
    reports each failure in other words. The target is the address that answered. With a proxy it is the host's name,
    which the proxy resolves, and the connection that is tried goes to the proxy.

    Raises: OSError.
    """
    if proxy:
        dial(proxy.host, proxy.port).close()
        return f"dns:///{endpoint.authority}"
    with dial(endpoint.host, endpoint.port) as connection:
        address, port = connection.getpeername()[:2]
        if context:
            context.wrap_socket(connection, server_hostname=endpoint.host).close()
    return f"{'ipv6' if ':' in address else 'ipv4'}:{join(address, port)}"


def open_channel(target: str, endpoint: Endpoint, proxy: Proxy | None, options: CallOptions) -> "grpc.Channel":
    """Open a channel to a target that `try_connection` has returned.

    Raises: Failure(usage).
    """
    arguments = _arguments(endpoint, proxy)
    if endpoint.tls is None:
        return load_grpc().insecure_channel(target, arguments)  # type: ignore[no-any-return]  # a late import is untyped
    credentials = _credentials(endpoint.tls, options)
    return load_grpc().secure_channel(target, credentials, arguments)  # type: ignore[no-any-return]  # a late import is untyped


def _arguments(endpoint: Endpoint, proxy: Proxy | None) -> list[Option]:
    arguments: list[Option] = [
        ("grpc.primary_user_agent", f"plexctl/{VERSION}"),
        ("grpc.default_authority", endpoint.authority),
        ("grpc.enable_retries", 0),
        ("grpc.enable_http_proxy", 1 if proxy else 0),
    ]
    if proxy:
        arguments.append(("grpc.http_proxy", proxy.url))
    if endpoint.tls is not None:
        arguments.append(("grpc.ssl_target_name_override", endpoint.host))
    return arguments


def _credentials(tls: ClientTls, options: CallOptions) -> "grpc.ChannelCredentials":
    from plexctl.clients.trust import read_key_pair, root_certificates

    certificate, key = read_key_pair(tls)
    credentials: grpc.ChannelCredentials = load_grpc().ssl_channel_credentials(
        root_certificates=root_certificates(tls, options.trust_store), private_key=key, certificate_chain=certificate
    )
    return credentials
