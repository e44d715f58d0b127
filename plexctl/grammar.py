"""The forms of values, for the command's flags and for the local plane's HTTP API and signer alike.

Each parser checks a value and returns it in its canonical form. The text of its error is the rest of the sentence
"'<value>' is not …", so that every refusal names the form expected.

Raises: ValueError, in every parser.
"""

import re
from typing import NamedTuple

# As text, compiled at the first use, since help needs none of them.
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
_ENV_PREFIX = r"[a-z]+"
_KEY_ID = r"[A-Za-z0-9._~-]+"
_ISSUED_BEARER = r"psk_[a-z]+_(?P<id>[a-z2-7]{26})_[a-z2-7]+"  # 26 characters of base32 hold 16 bytes
_CIDR = r"[0-9a-fA-F:.]+/[0-9]{1,3}"
# 19 digits are enough for the longest duration in its smallest unit.
_DURATION = r"([0-9]{1,19}(?:\.[0-9]{0,19})?|\.[0-9]{1,19})(ns|us|µs|μs|ms|s|m|h)"
_BYTE_COUNT = r"([0-9]{1,19})(?:([KMG])(?:iB)?)?"
_HOST = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?"
_NUMERIC_HOST = r"[0-9]+(\.[0-9]+){3}"
_ENDPOINT = r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/@\s]+):(?P<port>[0-9]{1,5})"
_SERVER_URL = (
    r"(?i)(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\[\]:/@?#\s]+)(:(?P<port>[0-9]{1,5}))?"
    r"(/[^?#@\s\x00-\x1f\x7f\ud800-\udfff]*)?"
)

_WHOLE_NUMBER = r"-?(0|[1-9][0-9]{0,17})"
_API_PATH = r"/(?!/)[!\"$-\[\]-~]*"
_LONGEST_PATH = 8192  # characters

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}

_BYTES = {None: 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

_NO_SERVER_URL = "is not a server URL such as https://plexsphere.example or http://localhost:8080"
LONGEST_DURATION_NS = 2**63 - 1  # the range of Go's Duration, about 292 years
NIL_UUID = "00000000-0000-0000-0000-000000000000"
SLUG_LENGTH = 64
ENV_PREFIX_LENGTH = 32
PUBLIC_KEY_LENGTH = 32  # bytes


def text(value: str) -> str:
    """Check free text, which is UTF-8 whatever the locale says.

    Python keeps bytes that the locale cannot decode as lone surrogates; bytes that are not UTF-8 cannot be sent.
    """
    try:
        return value.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        raise ValueError("is not UTF-8") from None


def readable(value: str) -> str:
    """Decode text that is UTF-8, and return other text unchanged."""
    try:
        return text(value)
    except ValueError:
        return value


def uuid(text: str) -> str:
    """Check a UUID and return it in lower case."""
    if not is_uuid(text):
        raise ValueError("is not a UUID")
    return text.lower()


def is_uuid(text: str) -> bool:
    """Tell whether text has the form of a UUID."""
    return re.fullmatch(_UUID, text) is not None


def slug(text: str) -> str:
    """Check a slug, such as edge-fleet."""
    if not (re.fullmatch(_SLUG, text) and len(text) <= SLUG_LENGTH):
        raise ValueError("is not a slug: 1 to 64 of a-z and 0-9, in words joined by single hyphens")
    return text


def env_prefix(text: str) -> str:
    """Check the name of an environment, such as dev."""
    if not (re.fullmatch(_ENV_PREFIX, text) and len(text) <= ENV_PREFIX_LENGTH):
        raise ValueError("is not an env prefix: 1 to 32 of a-z")
    return text


def key_id(text: str) -> str:
    """Check a key id: RFC 3986 unreserved characters, so that a URL needs no escapes for it."""
    if not re.fullmatch(_KEY_ID, text):
        raise ValueError("is not a key id: one or more of A-Z a-z 0-9 - . _ ~")
    return text


def scope(text: str) -> str:
    """Check a signing scope and return it with the UUID in lower case."""
    kind, colon, identifier = text.partition(":")
    if text == "platform":
        return text
    if kind == "domain" and colon and re.fullmatch(_UUID, identifier):
        return f"domain:{identifier.lower()}"
    raise ValueError("is not a signing scope: platform, or domain:<uuid>")


def public_key(text: str) -> str:
    """Check an X25519 public key (RFC 7748) as WireGuard writes it: the standard base64 of 32 bytes, not all zero."""
    import base64  # no command needs it

    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("is not standard base64 with padding") from None
    if len(key) != PUBLIC_KEY_LENGTH or base64.b64encode(key).decode() != text:
        raise ValueError(f"is not the base64 of {PUBLIC_KEY_LENGTH} bytes, which is 44 characters")
    if not any(key):
        raise ValueError("is all zero, which is not a key")
    return text


def api_token_id(token: str) -> str | None:
    """Return the id in an API token's text, or None where the token has another form."""
    match = re.fullmatch(_ISSUED_BEARER, token)
    if match is None:
        return None
    import base64  # only a logout needs it
    from uuid import UUID

    return str(UUID(bytes=base64.b32decode(match["id"].upper() + "======")))


def duration(text: str) -> int:
    """Read a Go duration (`90s`, `1h30m`, `1.5s`) and return it in nanoseconds, from 0 to LONGEST_DURATION_NS.

    As in Go it may have a sign; of negative durations only zero is accepted.
    """
    is_negative, text = text.startswith("-"), re.sub(r"\A[-+]", "", text)
    if text == "0":
        return 0
    total, end = 0, 0
    for part in re.finditer(_DURATION, text):
        if part.start() != end:
            break
        total += _nanoseconds(*part.groups())
        end = part.end()
    if not text or end != len(text) or (is_negative and total):
        raise ValueError("is not a duration such as 90s, 5m or 1h30m")
    if total > LONGEST_DURATION_NS:
        raise ValueError("is longer than the longest duration (about 292 years)")
    return total


def _nanoseconds(number: str, unit: str) -> int:
    """Convert exactly; a float would round some decimal fractions down to the next nanosecond."""
    whole, _, fraction = number.partition(".")
    scaled = int((whole or "0") + fraction) * _NANOSECONDS[unit]
    return int(scaled // 10 ** len(fraction))


def timeout(text: str) -> int:
    """Read a duration longer than 0s and return it in nanoseconds."""
    nanoseconds = duration(text)
    if nanoseconds == 0:
        raise ValueError("must be greater than 0s")
    return nanoseconds


def is_whole_number(text: str) -> bool:
    """Tell whether text is a whole number as JSON writes it."""
    return re.fullmatch(_WHOLE_NUMBER, text) is not None


def api_path(text: str) -> str:
    """Check the path of an operation, which may have a query; it names no other host."""
    if not re.fullmatch(_API_PATH, text) or len(text) > _LONGEST_PATH:
        raise ValueError("is not a path such as /v1/domains?limit=5, of visible ASCII without # and \\")
    return text


def field(word: str) -> tuple[str, str]:
    """Split NAME=VALUE at the first equals sign."""
    name, equals, value = text(word).partition("=")
    if not (name and equals):
        raise ValueError("is not NAME=VALUE")
    return name, value


def spell_seconds(seconds: float) -> str:
    """Write a number of seconds as a duration: `30s`, `0.5s`, `20us`, `1ns`."""
    for least, unit, length in ((1e-3, "s", 1.0), (1e-6, "us", 1e-6)):
        if seconds >= least:
            return f"{seconds / length:.9f}".rstrip("0").rstrip(".") + unit
    return f"{seconds / 1e-9:.0f}ns"


def byte_count(text: str) -> int:
    """Read a number of bytes; K, M and G are powers of 1024, with or without iB behind them."""
    match = re.fullmatch(_BYTE_COUNT, text)
    if match is None:
        raise ValueError("is not a number of bytes such as 1048576, 64M or 1GiB")
    return int(match[1]) * _BYTES[match[2]]


def cidr(text: str) -> str:
    """Check a CIDR block (RFC 4632) in its canonical form, without host bits."""
    import ipaddress  # slow to import, and most commands have no CIDR

    if not re.fullmatch(_CIDR, text):
        raise ValueError("is not a CIDR block such as 10.50.0.0/26")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("is not a CIDR block such as 10.50.0.0/26") from None
    if str(network) != text:
        raise ValueError(f"is not a canonical CIDR block; did you mean {network}?")
    return text


def endpoint(text: str) -> tuple[str, int]:
    """Split HOST:PORT into the host, an IPv6 address in its short form without brackets, and the port (1 to 65535)."""
    match = re.fullmatch(_ENDPOINT, text)
    host = _host(match["host"]) if match else None
    if match is None or host is None or not 1 <= int(match["port"]) <= 65535:
        raise ValueError("is not HOST:PORT (an IPv6 address goes in brackets: [::1]:9443)")
    return host, int(match["port"])


def _host(text: str) -> str | None:
    """Return a name unchanged and an address in its canonical form, or None for any other text."""
    bracketed = text.startswith("[")
    if not bracketed and not re.fullmatch(_NUMERIC_HOST, text):
        return text if re.fullmatch(_HOST, text) else None
    import ipaddress  # slow to import, and only an address needs it

    try:
        return str((ipaddress.IPv6Address if bracketed else ipaddress.IPv4Address)(text.strip("[]")))
    except ValueError:
        return None


class Server(NamedTuple):
    """The address of an HTTP API; `url` has no trailing slash, `host` no brackets, and `port` is never absent."""

    url: str
    scheme: str
    host: str
    port: int


def server_url(text: str) -> Server:
    """Check the URL of an HTTP API; its path becomes the beginning of every request's path."""
    match = re.fullmatch(_SERVER_URL, text)
    if match is None:
        raise ValueError(_NO_SERVER_URL)
    scheme = match["scheme"].lower()
    port = match["port"] or ("443" if scheme == "https" else "80")
    try:
        host, number = endpoint(f"{match['host']}:{port}")
    except ValueError:
        raise ValueError(_NO_SERVER_URL) from None
    return Server(text.rstrip("/"), scheme, host, number)


def is_loopback(host: str) -> bool:
    """Return whether a host, without brackets, is this machine's loopback."""
    name = host.lower().rstrip(".")
    return name in {"localhost", "::1"} or re.fullmatch(r"127(\.[0-9]{1,3}){3}", name) is not None
