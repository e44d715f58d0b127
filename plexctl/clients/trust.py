"""TLS for HTTP and the signer: the trusted authorities, and the client's certificate and key."""

import os
import re
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

from plexctl.failures import Failure, usage
from plexctl.settings.environment import TrustStore
from plexctl.settings.tls import ClientTls

_LARGEST_BYTES = 16 << 20
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+")  # as 'openssl rehash' names certificates
_CERTIFICATE = re.compile(
    rb"-----BEGIN (?P<label>(?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*-----END (?P=label)-----", re.ASCII
)


def client_context(tls: ClientTls, store: TrustStore, protocols: Sequence[str] = ()) -> ssl.SSLContext:
    """Make a context for a client's connections; ALPN offers the `protocols`.

    Raises: Failure(usage) where a file cannot be used.
    """
    # not ssl.create_default_context, which writes session keys to the file that SSLKEYLOGFILE names
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    if tls.ca_file:
        _trust(context, read_authorities(tls.flag("ca"), tls.ca_file))
    else:
        file, directories = _located(store)
        if file:
            _trust(context, read_authorities("SSL_CERT_FILE", file))
        if directories:
            context.load_verify_locations(capath=directories)
    if tls.cert_file and tls.key_file:
        _load_pair(context, tls, tls.cert_file, tls.key_file)
    return context


def root_certificates(tls: ClientTls, store: TrustStore) -> bytes:
    """Read the trusted authorities as PEM, the only form that gRPC takes, without those that OpenSSL cannot read.

    Raises: Failure(usage) where a file cannot be used.
    """
    if tls.ca_file:
        return read_authorities(tls.flag("ca"), tls.ca_file)
    file, directories = _located(store)
    found = [read_authorities("SSL_CERT_FILE", file)] if file else []
    return b"\n".join([*found, *_in_directories(directories or "")])


def read_key_pair(tls: ClientTls) -> tuple[bytes | None, bytes | None]:
    """Read the client's certificate and key as PEM; return None twice where none is set.

    Raises: Failure(usage) where a file cannot be read.
    """
    if tls.cert_file is None or tls.key_file is None:
        return None, None
    return _read(tls.flag("cert"), tls.cert_file), _read(tls.flag("key"), tls.key_file)


def read_authorities(subject: str, path: str) -> bytes:
    """Read the certificates of a PEM file; `subject` is the flag or variable that names it.

    Raises: Failure(usage) where the file has no certificate, or one that OpenSSL cannot read.
    """
    certificates = [found[0] for found in _CERTIFICATE.finditer(_read(subject, path))]
    if not certificates:
        raise usage(subject, f"{path!r} contains no certificate in PEM form")
    content = b"\n".join(certificates)
    if not _is_readable(content):
        broken = next(number for number, each in enumerate(certificates, 1) if not _is_readable(each))
        which = f"certificate {broken} of {len(certificates)} in" if len(certificates) > 1 else "the certificate in"
        raise usage(subject, f"{which} {path!r} cannot be read")
    return content


def _is_readable(certificates: bytes) -> bool:
    try:
        _trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificates)
    except ssl.SSLError:
        return False
    return True


def _trust(context: ssl.SSLContext, certificates: bytes) -> None:
    context.load_verify_locations(cadata=certificates.decode("ascii"))


def _load_pair(context: ssl.SSLContext, tls: ClientTls, certificate: str, key: str) -> None:
    for name, path in (("cert", certificate), ("key", key)):
        _read(tls.flag(name), path)
    try:
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        complaint = f"{certificate!r} and {key!r} are not a certificate and its unencrypted key: {error.reason}"
        raise usage(f"{tls.flag('cert')} and {tls.flag('key')}", complaint) from error


def _read(subject: str, path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise usage(subject, f"{path!r} cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST_BYTES:
        raise usage(subject, f"{path!r} is larger than {_LARGEST_BYTES >> 20} MiB")
    if b"-----BEGIN " not in content:
        raise usage(subject, f"{path!r} is not a PEM file")
    return content


def _located(store: TrustStore) -> TrustStore:
    """Return the trust store that the variables name, else the system's.

    Raises: Failure(usage) for a directory without certificates, which OpenSSL would ignore without a message.
    """
    if store.directories and not any(_in_directories(store.directories)):
        raise _no_certificates(store.directories)
    if any(store):
        return store
    paths = ssl.get_default_verify_paths()
    # each is None where its path does not exist
    if not paths.cafile and not paths.capath:
        raise usage("SSL_CERT_FILE", "must be set, since the system has no trust store in its usual place")
    return TrustStore(paths.cafile, paths.capath)


def _no_certificates(directories: str) -> Failure:
    missing = [name for name in directories.split(os.pathsep) if name and not Path(name).is_dir()]
    if missing:
        return usage("SSL_CERT_DIR", f"{missing[0]!r} is not a directory")
    return usage("SSL_CERT_DIR", f"{directories!r} contains no hashed certificates; run 'openssl rehash'")


def _in_directories(directories: str) -> Iterator[bytes]:
    """Yield the certificates that OpenSSL would find; like it, skip unreadable files and dangling links."""
    for directory in filter(None, directories.split(os.pathsep)):
        for entry in sorted(Path(directory).glob("*")):
            if _HASHED_NAME.fullmatch(entry.name) and entry.is_file():
                try:
                    yield read_authorities("SSL_CERT_DIR", str(entry))
                except Failure:
                    continue
