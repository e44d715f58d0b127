"""What hides secrets in everything that plexctl says of itself: errors, warnings, notes and verbose lines.

Text from servers passes through here and may have any length, so every search takes time in proportion to it.
"""

import re
from collections.abc import Collection

MASK = "***"
LONGEST_TEXT = 4096  # characters of a text that came from outside, in a line
_LONGEST_CREDENTIAL = 512  # characters that one may have to be recognised by its form at the end of an excerpt
SECRET_KEY = re.compile(r"secret|key|token", re.IGNORECASE)

# Credentials by their form, should a caller have typed one or a server have repeated one.
_WORD = re.compile(r"\S+")
_CREDENTIAL = re.compile(r"(psb|nsk|psk|plexlocal)_[a-z]+_[A-Za-z0-9_-]{8,}")
_JSON_WEB_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic)([ +]|%20)[A-Za-z0-9._~+/=-]{8,}")


def masked(text: str, secrets: Collection[str]) -> str:
    """Hide the run's own credentials, and anything in the form of one."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = _hidden(text, secret)
    text = _CREDENTIAL.sub(rf"\1_{MASK}", text)
    text = _AUTHORIZATION.sub(rf"\1\2{MASK}", _JSON_WEB_TOKEN.sub(MASK, text))
    return _WORD.sub(_without_password, text) if "@" in text else text


def masked_excerpt(text: str, secrets: Collection[str]) -> str:
    """Cut a text of any length and hide the secrets in what is left, also one that the cut goes through."""
    margin = max(map(len, secrets), default=0) + _LONGEST_CREDENTIAL
    start = text[: LONGEST_TEXT + margin]
    shown = masked(start, secrets)
    if len(start) < len(text):
        shown = shown[:-margin]
    return shown if len(shown) <= LONGEST_TEXT and len(start) == len(text) else f"{shown[:LONGEST_TEXT]}…"


def _hidden(text: str, secret: str) -> str:
    """Hide a secret; one so short that other words hold it only where it is a word of its own."""
    if len(secret) >= 8:
        return text.replace(secret, MASK)
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", MASK, text) if secret else text


def _without_password(word: re.Match[str]) -> str:
    """Hide user and password as in http://user:password@host, in each of the parts between slashes."""
    text = word[0]
    if "@" not in text or ":" not in text:
        return text
    return "/".join(map(_without_user, text.split("/")))


def _without_user(part: str) -> str:
    *users, host = part.split("@")
    return "@".join([*map(_masked_user, users), host])


def _masked_user(text: str) -> str:
    name, _, password = text.partition(":")
    start = max(name.rfind("'"), name.rfind('"')) + 1  # a quote is not part of it
    return name[:start] + MASK if password else text


def mask_query(url: str) -> str:
    """Hide the values of a URL's query parameters whose names speak of a secret."""
    from urllib.parse import parse_qsl, urlencode

    start, mark, query = url.partition("?")
    if not mark:
        return url
    pairs = [(name, MASK if SECRET_KEY.search(name) else value) for name, value in parse_qsl(query)]
    return f"{start}?{urlencode(pairs, safe='*')}"
