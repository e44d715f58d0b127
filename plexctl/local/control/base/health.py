"""What a plane's health is made of: its database, and the sources that its parts add."""

from collections.abc import Callable
from typing import Literal, NamedTuple

Source = Callable[[], str]


class Check(NamedTuple):
    """The outcome of one check."""

    name: str
    status: Literal["ok", "down"]
    detail: str


class Health:
    """The sources of health: each returns its detail, or raises an exception whose text says what is wrong."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def add(self, name: str, source: Source) -> None:
        """Add a source, which must answer within a second or two; one of the same name is replaced."""
        self._sources[name] = source

    def check(self) -> list[Check]:
        """Ask every source, in the order in which they were added."""
        return [ask(name, source) for name, source in tuple(self._sources.items())]


def ask(name: str, source: Source) -> Check:
    """Run one check: it is down if the source raises."""
    try:
        return Check(name, "ok", source())
    except Exception as error:  # noqa: BLE001  a source that fails, however it does, is what health reports
        return Check(name, "down", str(error) or type(error).__name__)
