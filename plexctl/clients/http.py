"""The one import of httpx, and how its client is opened."""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from plexctl.failures import usage
from plexctl.grammar import Server, is_loopback

if TYPE_CHECKING:
    import httpx

    from plexctl.settings.environment import TrustStore

_ITS_COMMAND_LINE = "httpx._main"


def load_httpx() -> ModuleType:
    """Import httpx without its own command line, which would pull in rich and pygments."""
    if "httpx" not in sys.modules:
        sys.modules[_ITS_COMMAND_LINE] = None  # type: ignore[assignment]  # how Python marks a module as barred
        try:
            import httpx
        finally:
            del sys.modules[_ITS_COMMAND_LINE]
    import httpx

    return httpx


def open_client(server: Server, store: "TrustStore") -> "httpx.Client":
    """Open a client for one server: TLS only for https, proxies never for loopback, redirects and cookies never.

    Raises Failure (usage) for proxy variables that cannot be used.
    """
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    httpx = load_httpx()
    by_proxy = not is_loopback(server.host)
    if by_proxy:
        from plexctl.clients.proxies import check_proxies

        check_proxies()
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    context = None
    if server.scheme == "https":
        from plexctl.clients.trust import tls_context

        context = tls_context(store)
    try:
        # None, unlike False, has httpx build no context at all
        return httpx.Client(  # type: ignore[no-any-return]  # a module that is loaded late is untyped
            verify=context, trust_env=by_proxy, timeout=None, cookies=no_cookies
        )
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        raise usage("HTTP_PROXY, HTTPS_PROXY or ALL_PROXY", f"cannot be used: {error}") from error
