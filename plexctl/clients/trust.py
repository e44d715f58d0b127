"""The system's trust store, for HTTP and the signer alike: httpx and gRPC would each bring their own."""

import re
import ssl
from pathlib import Path

from plexctl.failures import usage

_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def tls_context() -> ssl.SSLContext:
    """Make a verifying context over the system's store; SSL_CERT_FILE and SSL_CERT_DIR replace it, as in OpenSSL."""
    _store()
    return ssl.create_default_context()


def root_certificates() -> bytes:
    """Read the same store as PEM, the only form that gRPC takes."""
    file, directory = _store()
    certificates = [file.read_bytes()] if file else []
    if directory:
        # OpenSSL itself looks certificates up under these names
        hashed = sorted(entry for entry in directory.iterdir() if _HASHED_NAME.fullmatch(entry.name))
        certificates += [entry.read_bytes() for entry in hashed]
    return b"\n".join(certificates)


def _store() -> tuple[Path | None, Path | None]:
    paths = ssl.get_default_verify_paths()
    # cafile and capath are None where the path they come from does not exist
    if not paths.cafile and not paths.capath:
        raise usage("SSL_CERT_FILE", "no trust store was found there nor where the system keeps one")
    return (Path(paths.cafile) if paths.cafile else None, Path(paths.capath) if paths.capath else None)
