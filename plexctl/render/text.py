"""Text from servers → text that is safe on a terminal, and its width there; times in UTC."""

import re
from collections.abc import Sequence

# Characters besides the control characters that reorder a line on a terminal or break it.
REORDERING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# These are compiled where first used: help needs every command's table, and writes none.

# Rich counts what follows any joiner, and any skin tone, as part of the one before, which holds for pictographs only.
_TONES = "\U0001f3fb-\U0001f3ff"
_PICTOGRAPHS = "\xa9\xae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_LOOSE_JOINER = f"(?<![{_PICTOGRAPHS}\ufe0f])\u200d|\u200d(?![{_PICTOGRAPHS}])"
_LONE_SKIN_TONE = f"(?<![{_PICTOGRAPHS}\ufe0f])[{_TONES}]"

# Control characters, halves of characters, and those marks.
_ACTING = f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{''.join(sorted(REORDERING))}]"


def visible(text: str) -> str:
    """Escape every character that a terminal would act on instead of showing it."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_ACTING, _escape, text)


def _escape(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Count the terminal cells of a text; a terminal draws a letter with its marks, a flag, or a family as one."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # few texts need it

    joined = re.sub(_LOOSE_JOINER, "", text) if "\u200d" in text else text
    return cell_len(joined) + 2 * len(re.findall(_LONE_SKIN_TONE, text))


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


def some(texts: Sequence[str], most: int) -> str:
    """List the first of several texts, and say how many more there are."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
