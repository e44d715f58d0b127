"""What hides secrets in everything that plexctl says of itself: errors, warnings and verbose lines."""

import re
from collections.abc import Collection

MASK = "***"
_SECRET_KEY = re.compile(r"secret|key|token", re.IGNORECASE)

# Credentials by their form, should a caller have typed one or a server have repeated one.
_PASSWORD = re.compile(r"[^\s/:@'\"]*:[^\s/@]+@")  # as in http://user:password@host
_CREDENTIAL = re.compile(r"\b(psb|nsk|psk|plexlocal)_[a-z]+_[A-Za-z0-9_-]{8,}")


def masked(text: str, secrets: Collection[str]) -> str:
    """Hide the run's own credentials, and anything in the form of one."""
    for secret in secrets:
        text = re.sub(_standing_alone(secret), MASK, text)
    return _CREDENTIAL.sub(rf"\1_{MASK}", _PASSWORD.sub(f"{MASK}@", text))


def _standing_alone(secret: str) -> str:
    """Match a secret; one so short that other words hold it only where it is a word of its own."""
    pattern = re.escape(secret)
    return pattern if len(secret) >= 8 else rf"(?<!\w){pattern}(?!\w)"


def mask_query(url: str) -> str:
    """Hide the values of a URL's query parameters whose names speak of a secret."""
    from urllib.parse import parse_qsl, urlencode, urlsplit

    parts = urlsplit(url)
    if not parts.query:
        return url
    pairs = [(name, MASK if _SECRET_KEY.search(name) else value) for name, value in parse_qsl(parts.query)]
    return parts._replace(query=urlencode(pairs, safe="*")).geturl()
