"""Masking of secrets in plexctl's own messages: errors, warnings and verbose lines."""

import re
from collections.abc import Collection

MASK = "***"
_SECRET_KEY = re.compile(r"secret|key|token", re.IGNORECASE)

# Text in the form of a credential, which a caller may have typed or a server repeated.
_PASSWORD = re.compile(r"[^\s/:@'\"]*:[^\s/@]+@")  # as in http://user:password@host
_CREDENTIAL = re.compile(r"\b(psb|nsk|psk|plexlocal)_[a-z]+_[A-Za-z0-9_-]{8,}")


def masked(text: str, secrets: Collection[str]) -> str:
    """Replace the run's own credentials, and any text in the form of one, by `***`."""
    for secret in secrets:
        text = re.sub(_pattern_of(secret), MASK, text)
    return _CREDENTIAL.sub(rf"\1_{MASK}", _PASSWORD.sub(f"{MASK}@", text))


def _pattern_of(secret: str) -> str:
    """Match a secret anywhere; a short one, which other words may contain, only as a whole word."""
    pattern = re.escape(secret)
    return pattern if len(secret) >= 8 else rf"(?<!\w){pattern}(?!\w)"


def mask_query(url: str) -> str:
    """Mask the values of a URL's query parameters whose names contain `secret`, `key` or `token`."""
    from urllib.parse import parse_qsl, urlencode, urlsplit

    parts = urlsplit(url)
    if not parts.query:
        return url
    pairs = [(name, MASK if _SECRET_KEY.search(name) else value) for name, value in parse_qsl(parts.query)]
    return parts._replace(query=urlencode(pairs, safe="*")).geturl()
