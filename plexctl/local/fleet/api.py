"""The HTTP API as a fleet calls it: a small pool of connections, and another attempt wherever one may help."""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from plexctl.clients.http import load_httpx, open_async_client, retry_after
from plexctl.local.plane_error import PlaneError

if TYPE_CHECKING:
    import httpx

CONNECTIONS = 16  # a local plane has 8 threads: more would only wait there
_TIMEOUT_SECONDS = 30
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_SERVER_ERROR = 500
_TRANSIENT = frozenset({408, 429})
_FINAL = frozenset({"pool_exhausted", "subrange_exhausted", "not_implemented"})  # of 5xx: waiting helps nobody


class Refused(PlaneError):  # noqa: N818  the word that the rest of the plane has for it
    """A request that was refused for good, with the status and the code of its problem document."""

    def __init__(self, status: int, code: str, title: str, detail: str) -> None:
        super().__init__(title, detail)
        self.status = status
        self.code = code


class Api:
    """The API of one plane, to be closed in the end; `locate` returns its URL, which may change with a restart."""

    def __init__(self, locate: Callable[[], str | None]) -> None:
        self._client = open_async_client(CONNECTIONS, _TIMEOUT_SECONDS)
        self._transport_error: type[Exception] = load_httpx().TransportError
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._locate = locate
        self._url = locate()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def call(self, method: str, path: str, bearer: str | None, body: object = None) -> "httpx.Response":
        """Make a request, again and again while nobody answers or the plane cannot, and return the success.

        Raises: Refused; PlaneError, that of `locate`.
        """
        for pause in pauses():
            wait = 0.0
            try:
                response = await self._attempt(method, path, bearer, body)
            except self._transport_error:
                self._url = self._locate()
            else:
                if response.is_success:
                    return response
                refusal = _refusal_of(response)
                if not _is_transient(refusal):
                    raise refusal
                wait = retry_after(response) or 0.0
            await asyncio.sleep(wait + pause)
        raise AssertionError("there is always another attempt")

    async def _attempt(self, method: str, path: str, bearer: str | None, body: object) -> "httpx.Response":
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        async with self._turns:
            if self._url is None:
                raise self._transport_error("no plane is running")
            return await self._client.request(method, self._url + path, headers=headers, json=body)


def pauses() -> Iterator[float]:
    """Yield pauses in seconds without end; they double up to a limit, and each is shortened by chance."""
    longest = _FIRST_PAUSE_SECONDS
    while True:
        yield longest * random.uniform(0.5, 1)  # noqa: S311  it only spreads the attempts
        longest = min(longest * 2, _LONGEST_PAUSE_SECONDS)


def _is_transient(refusal: Refused) -> bool:
    return (refusal.status >= _SERVER_ERROR or refusal.status in _TRANSIENT) and refusal.code not in _FINAL


def _refusal_of(response: "httpx.Response") -> Refused:
    try:
        problem = response.json()
        texts = [str(problem.get(name, "")) for name in ("code", "title", "detail")]
    except (ValueError, AttributeError):
        texts = ["", f"HTTP Status {response.status_code}", "the response is not a problem document"]
    return Refused(response.status_code, *texts)
