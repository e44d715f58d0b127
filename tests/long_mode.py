"""How much is tried: few rounds and cases on every change, all of them where LONG=1 asks for that."""

import os
from typing import TypeVar

T = TypeVar("T")

LONG = os.environ.get("LONG") == "1"


def pick(usually: T, in_long_mode: T) -> T:
    return in_long_mode if LONG else usually
