"""Masks the plane's own credentials, known by their form, in text that came from outside."""

import re

# A bootstrap token, a Node's secret, an API token, an operator's bearer: prefix, environment or name, secret.
_CREDENTIAL = re.compile(r"(psb|nsk|psk|plexlocal)_[a-z]++_[a-z0-9_-]+", re.IGNORECASE)


def masked(text: str) -> str:
    """Replace everything that has the form of a credential, but for its prefix, by `***`."""
    return _CREDENTIAL.sub(r"\1_***", text)
