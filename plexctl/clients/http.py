"""The one import of httpx, the functions that open its clients, and the reading of Retry-After."""

import sys
import time
from types import ModuleType
from typing import TYPE_CHECKING

from plexctl.clients.call_options import CallOptions
from plexctl.clients.dial import dial
from plexctl.clients.proxies import find_proxy
from plexctl.grammar import Server
from plexctl.settings.tls import ClientTls

if TYPE_CHECKING:
    import httpx

LOCATION = "location"  # the response's extension that holds this header

_ITS_COMMAND_LINE = "httpx._main"


def load_httpx() -> ModuleType:
    """Import httpx without its command line, which would import rich and pygments."""
    if "httpx" not in sys.modules:
        sys.modules[_ITS_COMMAND_LINE] = None  # type: ignore[assignment]  # how Python marks a module as barred
        try:
            import httpx
        finally:
            del sys.modules[_ITS_COMMAND_LINE]
    import httpx

    return httpx


def open_client(server: Server, tls: ClientTls, options: CallOptions) -> "httpx.Client":
    """Open a client for one server, without redirects and cookies, that connects by plexctl's own network policy.

    It makes a TLS context only where an https server or an https proxy needs one.

    Raises: Failure(usage) where a proxy or a file that is needed cannot be used.
    """
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    httpx = load_httpx()
    proxy = find_proxy(server.scheme, server.host, server.port, options.proxy_variables)
    context = None
    over_tls = proxy is not None and proxy.url.startswith("https:")
    if server.scheme == "https" or over_tls:
        from plexctl.clients.trust import client_context

        context = client_context(tls, options.trust_store)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    # with None, unlike False, httpx makes no context at all
    through = proxy and httpx.Proxy(proxy.url, ssl_context=context if over_tls else None)
    transport = httpx.HTTPTransport(verify=context, trust_env=False, proxy=through)
    transport._pool._network_backend = _backend()  # noqa: SLF001  httpx has no argument for what httpcore takes
    return httpx.Client(  # type: ignore[no-any-return]  # a module that is loaded late is untyped
        transport=transport,
        trust_env=False,
        timeout=None,
        cookies=no_cookies,
        event_hooks={"response": [_hide_location]},
    )


def open_async_client(connections: int, timeout_seconds: float) -> "httpx.AsyncClient":
    """Open a client for plain HTTP to a local plane, with at most `connections` connections, which stay open."""
    httpx = load_httpx()
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    transport = httpx.AsyncHTTPTransport(verify=None, trust_env=False, limits=limits)
    return httpx.AsyncClient(  # type: ignore[no-any-return]  # httpx is untyped where it is loaded late
        transport=transport, trust_env=False, timeout=timeout_seconds
    )


def retry_after(response: "httpx.Response") -> float | None:
    """Return Retry-After (RFC 9110, section 10.2.3), a number or an HTTP date, in seconds from now, or None."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    if not value:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _hide_location(response: "httpx.Response") -> None:
    """Hide the target of a redirect from httpx, which would refuse a response whose Location is not a URL."""
    response.extensions[LOCATION] = response.headers.pop(LOCATION, None)


def _backend() -> object:
    """Make a network backend for httpcore that connects with `dial`."""
    import socket

    import httpcore
    from httpcore._backends.sync import SyncStream  # the stream of httpcore's own backend, over any socket

    class DiallingBackend(httpcore.SyncBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,  # noqa: ARG002  httpcore's signature; `dial` has a limit of its own
            local_address: str | None = None,  # noqa: ARG002  httpcore's signature; plexctl sets none
            socket_options: object = None,  # noqa: ARG002  httpcore's signature; plexctl sets none
        ) -> httpcore.NetworkStream:
            try:
                connection = dial(host.strip("[]"), port)
            except TimeoutError as error:
                raise httpcore.ConnectTimeout(error) from error
            except OSError as error:
                raise httpcore.ConnectError(error) from error
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return SyncStream(connection)

    return DiallingBackend()
