"""Bootstrap tokens as text, `psb_<env>_<project>_<kind>_<random>`, and the hash and fingerprint that are stored."""

import base64
import re
import threading
import uuid
from typing import NamedTuple

import argon2

from plexctl.local.vault import Vault

RANDOM_LENGTH = 20  # bytes: 160 random bits, in 32 characters
SALT_LENGTH = 16  # bytes

# 26 characters of base32 are the least that hold the 16 bytes of a Project's id.
_FORM = re.compile(r"psb_[a-z]+_(?P<project>[a-z2-7]{26,})_(?P<kind>node|bridge)_[a-z2-7]{20,}")

# 160 random bits cannot be guessed, so the cheaper of the usual Argon2id profiles is enough: a registration takes tens
# of milliseconds, and the four that may run at once take less than 80 MiB.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_CHEAP_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(4)


class Form(NamedTuple):
    """What a token's text states: the Project (base32) and the kind."""

    project: str
    kind: str


class Secret(NamedTuple):
    """A new token: what its owner gets, and the fingerprint and the hash that the database keeps."""

    plaintext: str
    fingerprint: bytes
    hashed: str


def new(vault: Vault, env_prefix: str, project_id: str, kind: str, *, cheap: bool) -> Secret:
    """Make a token; slow unless `cheap`, so never call it inside a transaction."""
    plaintext = mint(vault, env_prefix, project_id, kind)
    return Secret(plaintext, fingerprint(vault, plaintext), hash_of(vault, plaintext, cheap=cheap))


def mint(vault: Vault, env_prefix: str, project_id: str, kind: str) -> str:
    """Generate the plaintext of a new token."""
    secret = _base32(vault.random_bytes(RANDOM_LENGTH))
    return f"psb_{env_prefix}_{project_segment(project_id)}_{kind}_{secret}"


def parse(plaintext: str) -> Form | None:
    """Read what a token states, or return None if the text does not have the form of a token."""
    match = _FORM.fullmatch(plaintext)
    return Form(**match.groupdict()) if match else None


def project_segment(project_id: str) -> str:
    """Return a Project's id as it stands in its tokens: 26 characters of base32."""
    return _base32(uuid.UUID(project_id).bytes)


def fingerprint(vault: Vault, plaintext: str) -> bytes:
    """Return the HMAC that finds a token's row; without the root key it proves nothing."""
    return vault.fingerprint("bootstrap-token", plaintext)


def hash_of(vault: Vault, plaintext: str, *, cheap: bool) -> str:
    """Hash with Argon2id (RFC 9106). It is slow on purpose: never call it inside a transaction."""
    hasher = _CHEAP_HASHER if cheap else _HASHER
    with _AT_ONCE:
        return hasher.hash(plaintext, salt=vault.random_bytes(SALT_LENGTH))


def verify(stored: str, plaintext: str) -> bool:
    """Compare a plaintext with a stored hash, which contains its own parameters; as slow as hashing."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(stored, plaintext)
    except argon2.exceptions.VerifyMismatchError:
        return False


def _base32(octets: bytes) -> str:
    return base64.b32encode(octets).decode().rstrip("=").lower()
