"""Text from servers → text that is safe on a terminal, and its width there; times in UTC."""

import re
import unicodedata

# Characters besides the control characters that reorder a line on a terminal or break it.
REORDERING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Vowels and final consonants of decomposed Hangul, which a terminal draws in the cells of the first consonant.
_HANGUL_TAILS = frozenset(map(chr, range(0x1160, 0x1200)))
_SOFT_HYPHEN = "\xad"  # a terminal shows it


# Control characters, halves of characters, and those marks.
_ACTING = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{''.join(sorted(REORDERING))}]")


def visible(text: str) -> str:
    """Escape every character that a terminal would act on instead of showing it."""
    if text.isascii() and text.isprintable():
        return text
    return _ACTING.sub(_escape, text)


def _escape(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Count the terminal cells of a text: two per wide character, none per combining one."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if character == _SOFT_HYPHEN:
        return 1
    combines = unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}
    if combines or character in _HANGUL_TAILS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def instant(text: str) -> str:
    """Write an RFC 3339 time in UTC and whole seconds, with Z; any other text is returned unchanged."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text.upper())  # RFC 3339 allows t and z
        if moment.tzinfo is None:
            return text
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    except (ValueError, OverflowError):  # OverflowError at either end of the calendar
        return text
