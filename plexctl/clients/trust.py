"""Certificates: the system's trust store, for HTTP and the signer alike, and the PEM files that flags name."""

import os
import re
import ssl
from pathlib import Path

from plexctl.failures import usage
from plexctl.settings.environment import TrustStore

_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def tls_context(store: TrustStore) -> ssl.SSLContext:
    """Make a verifying context over a trust store. Raises Failure (usage)."""
    file, directories = _located(store)
    return ssl.create_default_context(cafile=file, capath=directories)


def root_certificates(store: TrustStore) -> bytes:
    """Read the same store as PEM, the only form that gRPC takes. Raises Failure (usage)."""
    file, directories = _located(store)
    found = [Path(file)] if file else []
    for directory in filter(None, (directories or "").split(os.pathsep)):
        # OpenSSL itself looks certificates up under these names
        entries = Path(directory).glob("*")
        # a link whose certificate is gone is no file, and OpenSSL passes over it too
        found += sorted(entry for entry in entries if _HASHED_NAME.fullmatch(entry.name) and entry.is_file())
    if not found:
        raise usage("SSL_CERT_DIR", f"{directories!r} holds no certificates; 'openssl rehash' gives them their names")
    return b"\n".join(entry.read_bytes() for entry in found)


def read_authorities(subject: str, path: str) -> bytes:
    """Read certificates to trust; `subject` is the flag or variable that names the file. Raises Failure (usage)."""
    content = _read_pem(subject, path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError as error:
        raise usage(subject, f"{path!r} holds no certificate: {error.reason}") from error
    return content


def read_key_pair(certificate: str, key: str) -> tuple[bytes, bytes]:
    """Read the signer client's certificate and its private key. Raises Failure (usage) unless they are a pair."""
    pair = _read_pem("--signer-cert-file", certificate), _read_pem("--signer-key-file", key)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        complaint = f"{certificate!r} and {key!r} are no certificate and its unencrypted key: {error.reason}"
        raise usage("--signer-cert-file and --signer-key-file", complaint) from error
    return pair


def _read_pem(subject: str, path: str) -> bytes:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise usage(subject, f"{path!r} cannot be read: {error.strerror}") from error
    if b"-----BEGIN " not in content:
        raise usage(subject, f"{path!r} is not a PEM file")
    return content


def _located(store: TrustStore) -> TrustStore:
    """Find the system's store where no other is named, and make sure that a file named can be used.

    OpenSSL would pass over a file that it cannot use, and a good server would then be refused without a reason.
    """
    if store.file:
        read_authorities("SSL_CERT_FILE", store.file)
    if any(store):
        return store
    paths = ssl.get_default_verify_paths()
    # each is None where the path it comes from does not exist
    if not paths.cafile and not paths.capath:
        raise usage("SSL_CERT_FILE", "is needed, since no trust store is where the system keeps one")
    return TrustStore(paths.cafile, paths.capath)
