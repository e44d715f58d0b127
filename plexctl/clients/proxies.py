"""The proxy of a connection, chosen from the usual variables, for HTTP and the signer alike."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from plexctl import grammar
from plexctl.failures import Failure, usage

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

# Which variables apply to each kind of connection, the first one that is set winning.
_VARIABLES: Mapping[str, Sequence[str]] = {
    "http": ("http_proxy", "all_proxy"),
    "https": ("https_proxy", "all_proxy"),
    "grpc": ("grpc_proxy", "https_proxy", "http_proxy", "all_proxy"),
}
# Which proxy schemes the library of each kind of connection supports.
_USABLE: Mapping[str, Sequence[str]] = {"http": ("http", "https"), "https": ("http", "https"), "grpc": ("http",)}
_PORTS = {"http": 80, "https": 443}

_SEPARATOR = re.compile(r"[,\s]+")
_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>[0-9]{1,5})")


class Proxy(NamedTuple):
    """A proxy: its URL, which may contain a password, and its own host and port."""

    url: str
    host: str
    port: int

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"


def find_proxy(kind: str, host: str, port: int, variables: Mapping[str, str]) -> Proxy | None:
    """Find the proxy for connections to a host, or None; `kind` is http, https or grpc, `variables` the environment.

    Loopback has no proxy. Lower-case variables win over upper-case ones, and empty ones count as unset.

    Raises: Failure(usage) where plexctl cannot use the proxy that the variables name.
    """
    if grammar.is_loopback(host) or is_exempt(host, port, _value("no_proxy", variables)[1]):
        return None
    for lower in _VARIABLES[kind]:
        variable, value = _value(lower, variables)
        if value:
            return _proxy(variable, value, kind)
    return None


def _value(lower: str, variables: Mapping[str, str]) -> tuple[str, str]:
    """Return the name under which a variable is set, and its value; for an unset one, the upper-case name and `""`."""
    for name in (lower, lower.upper()):
        value = variables.get(name, "").strip()
        if value:
            return name, value
    return lower.upper(), ""


def _proxy(variable: str, value: str, kind: str) -> Proxy:
    text = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(text)
        bracketed = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = parts.port or _PORTS.get(parts.scheme, 80)
        host, port = grammar.endpoint(f"{bracketed or ''}:{port}")
    except ValueError:
        raise _unusable(variable, "is not the URL of a proxy, such as http://proxy.example:3128") from None
    if parts.scheme not in _USABLE[kind]:
        usable = " and ".join(f"{scheme}://" for scheme in _USABLE[kind])
        what = "the signer" if kind == "grpc" else f"an {kind}:// server"
        raise _unusable(variable, f"names a {parts.scheme}:// proxy; for {what} plexctl can use {usable}")
    return Proxy(parts._replace(netloc=f"{_credentials(parts.netloc)}{bracketed}:{port}", path="").geturl(), host, port)


def _credentials(netloc: str) -> str:
    user, at, _ = netloc.rpartition("@")
    return user + at


def _unusable(variable: str, complaint: str) -> Failure:
    """Refuse a variable without repeating its value, which may contain a password."""
    return usage(variable, complaint)


def is_exempt(host: str, port: int, no_proxy: str) -> bool:
    """Return whether NO_PROXY names a host, a domain above it, its address or its network, with or without its port."""
    entries = [entry for entry in _SEPARATOR.split(no_proxy) if entry]
    return any(_matches(entry, host.lower().rstrip("."), port) for entry in entries)


def _matches(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    with_port = _PORT.fullmatch(entry)
    if with_port:
        if int(with_port["port"]) != port:
            return False
        entry = with_port["host"]
    address = _address(host)
    if address is None:
        name = entry.lower().removeprefix("*").removeprefix(".").rstrip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
    return _contains(entry.replace("[", "").replace("]", ""), address)


def _contains(entry: str, address: "IPv4Address | IPv6Address") -> bool:
    from ipaddress import ip_network

    if "/" not in entry:
        return _address(entry) == address
    try:
        return address in ip_network(entry, strict=False)
    except ValueError:  # not a network
        return False


def _address(text: str) -> "IPv4Address | IPv6Address | None":
    """Parse an address, or return None; an IPv4 address within IPv6 is that IPv4 address."""
    from ipaddress import ip_address

    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
