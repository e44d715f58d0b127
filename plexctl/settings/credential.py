"""The operator's bearer token: where it came from, checked, and never shown."""

import re
from typing import NamedTuple

from plexctl.failures import Failure, Kind
from plexctl.settings.config import Profile

_BEARER = re.compile(r"[\x21-\x7e]+")


class Credential(NamedTuple):
    """A bearer token and where it was found; a token of a `profile` goes only to that profile's server and signer."""

    token: str
    origin: str
    profile: Profile | None = None

    def __repr__(self) -> str:
        return f"Credential(from {self.origin})"


def check_token(token: str, origin: str) -> str:
    """Return the token without surrounding white space.

    Raises: Failure(credential) unless it is visible ASCII, as a header requires.
    """
    token = token.strip()
    if not _BEARER.fullmatch(token):
        raise unusable(origin, "holds no bearer token: one line of visible ASCII is expected")
    return token


def unusable(subject: str, complaint: str) -> Failure:
    """Refuse a credential; `subject` is the flag, variable or profile that it came from."""
    return Failure(Kind.CREDENTIAL, "No Usable Credential", f"{subject} {complaint}")
