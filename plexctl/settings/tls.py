"""The TLS settings for the HTTP API and for the signer, from flags and the environment."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from plexctl.failures import usage
from plexctl.settings.environment import Environment

_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class ClientTls(NamedTuple):
    """PEM files: the authorities to trust in place of the system's, and for mTLS the client's certificate and key.

    `prefix` is how the names of their flags begin: empty for the HTTP API, `signer-` for the signer.
    """

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    prefix: str = ""

    def flag(self, name: str) -> str:
        """Return the flag of `ca`, `cert` or `key`."""
        return f"--{self.prefix}{name}-file"


def server_tls(flags: Mapping[str, Any], environment: Environment) -> ClientTls:
    """Return the files for an https server.

    Raises: Failure(usage) for a certificate without its key, or a key without its certificate.
    """
    return _files("", flags, environment)


def signer_tls(flags: Mapping[str, Any], environment: Environment) -> ClientTls | None:
    """Return the files for the signer, or None for plain text; any file turns TLS on.

    Raises: Failure(usage) for a certificate without its key, or a key without its certificate.
    """
    tls = _files("signer-", flags, environment)
    is_named = any(file is not None for file in tls[:3])
    return tls if is_named or flags.get("signer_tls") or _is_asked_for(environment) else None


def _files(prefix: str, flags: Mapping[str, Any], environment: Environment) -> ClientTls:
    def file(name: str) -> str | None:
        key = f"{prefix}{name}_file".replace("-", "_")
        found: str | None = flags.get(key)
        return environment.get(f"PLEXSPHERE_{key.upper()}") if found is None else found

    tls = ClientTls(file("ca"), file("cert"), file("key"), prefix)
    if (tls.cert_file is None) != (tls.key_file is None):
        missing, given = ("cert", "key") if tls.cert_file is None else ("key", "cert")
        raise usage(tls.flag(missing), f"is required with {tls.flag(given)}, for mTLS")
    return tls


def _is_asked_for(environment: Environment) -> bool:
    value = environment.get("PLEXSPHERE_SIGNER_TLS") or "false"
    if value.lower() not in _BOOLEANS:
        raise usage("PLEXSPHERE_SIGNER_TLS", f"{value!r} is neither true nor false")
    return _BOOLEANS[value.lower()]
