"""Proxy variables, checked before a library reads them: httpx takes them in both cases, gRPC only in lower case."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from plexctl import grammar
from plexctl.failures import usage

# What gRPC looks at, in its order, and the variable for everything, which it does not know.
_FOR_GRPC = ("grpc", "https", "http", "all")


def check_proxies() -> None:
    """Raise Failure (usage) where a proxy variable holds no URL; it is not repeated, since it may hold a password."""
    for scheme, url in getproxies().items():
        if scheme in _FOR_GRPC and not _is_url(url):
            raise usage(f"{scheme.upper()}_PROXY", "is not a proxy's URL such as http://proxy.example:3128")


def grpc_proxy(host: str) -> str | None:
    """Find the proxy on the way to a signer that is not on loopback, or None. Raises Failure (usage) as above."""
    if proxy_bypass(host):
        return None
    check_proxies()
    proxies = getproxies()
    return next((proxies[scheme] for scheme in _FOR_GRPC if scheme in proxies), None)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        grammar.endpoint(f"{host or ''}:{parts.port or 80}")
    except ValueError:
        return False
    return bool(parts.scheme)
