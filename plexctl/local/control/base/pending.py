"""Requests that are not answered yet, and the outbox rows that are held back for them.

Both are kept in memory only: after a kill no row is held back.
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
        """Start holding back the rows of one request."""
        response = PendingResponse()
        self._open.add(response)
        return response

    def close(self, response: PendingResponse) -> None:
        """Release the rows of a request. Call it once its response is sent or could not be sent."""
        self._open.discard(response)

    def is_held(self, row: int) -> bool:
        """Tell whether an outbox row is held back.

        The number of a row that was rolled back may have become another request's row.
        """
        return any(row in response.rows for response in tuple(self._open))
