"""TLS to the signer: each flag with its twin in the environment."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from plexctl.failures import usage
from plexctl.settings.environment import Environment

_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class SignerTls(NamedTuple):
    """PEM files: the authorities to trust in place of the system's, and for mTLS the client's certificate and key."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


def signer_tls(flags: Mapping[str, Any], environment: Environment) -> SignerTls | None:
    """Tell whether and how to speak TLS; naming any file turns it on. Raises Failure (usage)."""

    def file(name: str) -> str | None:
        found: str | None = flags.get(f"signer_{name}_file") or environment.get(
            f"PLEXSPHERE_SIGNER_{name.upper()}_FILE"
        )
        return found

    tls = SignerTls(file("ca"), file("cert"), file("key"))
    if (tls.cert_file is None) != (tls.key_file is None):
        missing, given = ("key", "cert") if tls.cert_file else ("cert", "key")
        raise usage(f"--signer-{missing}-file", f"is needed beside --signer-{given}-file, for mTLS")
    return tls if any(tls) or flags.get("signer_tls") or _asked_for(environment) else None


def _asked_for(environment: Environment) -> bool:
    value = environment.get("PLEXSPHERE_SIGNER_TLS") or "false"
    if value.lower() not in _TRUTHS:
        raise usage("PLEXSPHERE_SIGNER_TLS", f"{value!r} is neither true nor false")
    return _TRUTHS[value.lower()]
