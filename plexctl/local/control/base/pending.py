"""Requests that are not answered yet, and the outbox rows that wait for them.

Both are kept in memory alone: a plane that was killed holds no row back when it starts again.
"""


class PendingResponse:
    """Outbox rows held back until the request that wrote them has been answered.

    No Node then hears of a change before its caller does.
    """

    def __init__(self) -> None:
        self.rows: set[int] = set()


class PendingResponses:
    """The responses of all requests that are not answered yet."""

    def __init__(self) -> None:
        self._open: set[PendingResponse] = set()

    def open(self) -> PendingResponse:
        """Begin to hold back the rows of one request."""
        response = PendingResponse()
        self._open.add(response)
        return response

    def close(self, response: PendingResponse) -> None:
        """Let the rows of a request go, once its response is out or has failed to be sent."""
        self._open.discard(response)

    def is_held(self, row: int) -> bool:
        """Tell whether an outbox row waits; the number of a row that was rolled back may be another request's now."""
        return any(row in response.rows for response in tuple(self._open))
