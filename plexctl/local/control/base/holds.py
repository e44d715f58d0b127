"""Outbox rows that wait until their request is answered: nobody is to see what follows a change before its caller.

They are held in memory alone, so that a plane that was killed holds none of them when it starts again.
"""


class Hold:
    """The rows of one request."""

    def __init__(self) -> None:
        self.rows: set[int] = set()


class Holds:
    """The holds of all requests that are not answered yet."""

    def __init__(self) -> None:
        self._open: set[Hold] = set()

    def open(self) -> Hold:
        hold = Hold()
        self._open.add(hold)
        return hold

    def release(self, hold: Hold) -> None:
        self._open.discard(hold)

    def cover(self, row: int) -> bool:
        """Tell whether a row has to wait; of a row that was rolled back another request may have got the number."""
        return any(row in hold.rows for hold in tuple(self._open))
