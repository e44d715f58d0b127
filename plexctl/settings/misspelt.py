"""Keys of config.json that plexctl does not know and that are like one that it knows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plexctl.settings.config import TOP_KEYS
from plexctl.settings.defaults import PROFILE_KEYS

_LIKENESS = 0.7  # `serevr` is 0.83 like `server`; `comment` is like none


def warnings(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence per key that is probably misspelt, and so has no effect."""
    yield from _among(document, TOP_KEYS, "")
    for name, profile in document.get("profiles", {}).items():
        yield from _among(profile, PROFILE_KEYS, f" of profile {name!r}")


def _among(found: Mapping[str, Any], known: Sequence[str], where: str) -> Iterator[str]:
    for key in found.keys() - set(known):
        from difflib import get_close_matches  # a file in order does not need it

        likely = get_close_matches(key.lower().replace("-", "_"), known, 1, _LIKENESS)
        if likely:
            yield f"{key!r}{where} in config.json has no effect; did you mean {likely[0]!r}?"
