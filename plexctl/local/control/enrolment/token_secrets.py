"""Bootstrap tokens as text: `psb_<env>_<project>_<kind>_<random>`, and what of it the database may keep."""

import base64
import re
import threading
import uuid
from typing import NamedTuple

import argon2

from plexctl.local.vault import Vault

RANDOM_LENGTH = 20  # bytes: 160 random bits, in 32 characters
SALT_LENGTH = 16

_FORM = re.compile(r"psb_[a-z]+_(?P<project>[a-z2-7]+)_(?P<kind>node|bridge)_[a-z2-7]{20,}")

# Nobody guesses 160 random bits, so the thriftier of the usual Argon2id profiles will do: a registration costs tens
# of milliseconds, and four at once less than 80 MiB, however many Nodes come at the same moment.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_CHEAP_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(4)


class Form(NamedTuple):
    """What a token's text says of itself."""

    project: str
    kind: str


class Secret(NamedTuple):
    """A new token: what its owner gets, and the two things that the database keeps."""

    plaintext: str
    fingerprint: bytes
    hashed: str


def new(vault: Vault, env_prefix: str, project_id: str, kind: str, *, cheap: bool) -> Secret:
    """Make a token; slow unless `cheap`, so never call it inside a transaction."""
    plaintext = mint(vault, env_prefix, project_id, kind)
    return Secret(plaintext, fingerprint(vault, plaintext), hash_of(vault, plaintext, cheap=cheap))


def mint(vault: Vault, env_prefix: str, project_id: str, kind: str) -> str:
    """Make the plaintext of a new token."""
    secret = _base32(vault.random_bytes(RANDOM_LENGTH))
    return f"psb_{env_prefix}_{project_segment(project_id)}_{kind}_{secret}"


def parse(plaintext: str) -> Form | None:
    """Read what a token says of itself, or None where it has not the form of a token."""
    match = _FORM.fullmatch(plaintext)
    return Form(**match.groupdict()) if match else None


def project_segment(project_id: str) -> str:
    """Write a Project's id as tokens carry it: 26 characters of base32."""
    return _base32(uuid.UUID(project_id).bytes)


def fingerprint(vault: Vault, plaintext: str) -> bytes:
    """Name a token by what finds its row and proves nothing without the root key."""
    return vault.fingerprint("bootstrap-token", plaintext)


def hash_of(vault: Vault, plaintext: str, *, cheap: bool) -> str:
    """Hash with Argon2id (RFC 9106); slow on purpose unless `cheap`, which is for tests."""
    hasher = _CHEAP_HASHER if cheap else _HASHER
    with _AT_ONCE:
        return hasher.hash(plaintext, salt=vault.random_bytes(SALT_LENGTH))


def verify(stored: str, plaintext: str) -> bool:
    """Compare with a stored hash, which carries its own parameters; as slow as hashing."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(stored, plaintext)
    except argon2.exceptions.VerifyMismatchError:
        return False


def _base32(octets: bytes) -> str:
    return base64.b32encode(octets).decode().rstrip("=").lower()
