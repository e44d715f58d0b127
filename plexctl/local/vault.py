"""Secrets at rest: wrapped under keys that are derived from the root key file, or kept only as a fingerprint."""

import contextlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from plexctl import private_files
from plexctl.local import data_directory
from plexctl.local.plane_error import PUT_BACK, PlaneError

ROOT_KEY_LENGTH = 32  # bytes
NONCE_LENGTH = 12  # NIST SP 800-38D, section 8.2.2: random nonces of 96 bits


class Vault:
    """Wraps secrets with AES-256-GCM under a key per Domain; the Domain id `platform` means no Domain.

    `random_bytes` returns as many bytes as asked for, fit for keys outside tests.
    """

    def __init__(self, root_key: bytes, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self.random_bytes = random_bytes
        self._root_key = root_key
        self._ciphers: dict[str, AESGCM] = {}  # deriving a key costs more than using it

    def wrap(self, domain_id: str, label: str, secret: bytes) -> bytes:
        """Encrypt a secret; decrypting it needs the same Domain and label, so rows cannot be swapped."""
        nonce = self.random_bytes(NONCE_LENGTH)
        return nonce + self._cipher(domain_id).encrypt(nonce, secret, label.encode())

    def unwrap(self, domain_id: str, label: str, wrapped: bytes) -> bytes:
        """Decrypt a secret.

        Raises: cryptography.exceptions.InvalidTag unless it was wrapped with the same key, Domain and label.
        """
        nonce, sealed = wrapped[:NONCE_LENGTH], wrapped[NONCE_LENGTH:]
        return self._cipher(domain_id).decrypt(nonce, sealed, label.encode())

    def fingerprint(self, purpose: str, text: str) -> bytes:
        """Return the HMAC-SHA256 by which a secret's row is found; without the root key it reveals nothing."""
        return hmac.digest(self._derive(f"fingerprint:{purpose}"), text.encode(), "sha256")

    def _cipher(self, domain_id: str) -> AESGCM:
        if domain_id not in self._ciphers:
            self._ciphers[domain_id] = AESGCM(self._derive(f"wrap:{domain_id}"))
        return self._ciphers[domain_id]

    def _derive(self, purpose: str) -> bytes:
        derivation = HKDF(SHA256(), length=32, salt=None, info=f"plexctl local {purpose}".encode())
        return derivation.derive(self._root_key)


def open_root_key(path: Path) -> bytes:
    """Read the root key (32 bytes); generate it first if there is none.

    Raises: PlaneError if the file is not a root key, or others can use it; OSError.
    """
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            private_files.create(path, os.urandom(ROOT_KEY_LENGTH))
    key = data_directory.read_file(path)
    if len(key) != ROOT_KEY_LENGTH:
        detail = f"{path} is not a root key: it holds {len(key)} bytes, not {ROOT_KEY_LENGTH}"
        raise PlaneError("Damaged Plane", detail, PUT_BACK)
    return key
