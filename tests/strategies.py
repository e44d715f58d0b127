"""Texts for properties: like what a reader takes, and often not quite."""

from hypothesis import strategies as st

_ZONES = st.sampled_from(["Z", "z", "+00:00", "-23:59", "+24:00", ""])


def edited(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Change one character of a text, or none."""
    return st.builds(_with, texts, st.integers(0, 60), st.sampled_from(["", "-", "0", "T", "x"]))


def _with(text: str, place: int, character: str) -> str:
    return text[:place] + character + text[place + 1 :] if place < len(text) else text


TIMES = edited(st.builds(lambda moment, zone: moment.isoformat() + zone, st.datetimes(), _ZONES))
