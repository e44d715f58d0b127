"""HTTP requests: one deadline per request, at most three attempts, and a Failure for everything but success."""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from plexctl.clients.body import (
    ACCEPTED_CODING,
    ERROR_BYTES,
    SUCCESS_BYTES,
    BodyTooLargeError,
    BrokenCodingError,
    read_body,
)
from plexctl.clients.call_options import Attempt, CallOptions
from plexctl.clients.deadline import Deadline, DeadlineExceededError
from plexctl.clients.http import LOCATION, load_httpx, open_client, retry_after
from plexctl.clients.problem import failure_of
from plexctl.clients.proxies import find_proxy
from plexctl.clients.unreachable import is_tls, unreachable
from plexctl.failures import Failure, Kind, usage
from plexctl.grammar import Server
from plexctl.identifiers import uuid7
from plexctl.settings.tls import ClientTls
from plexctl.version import VERSION

if TYPE_CHECKING:
    import httpx

_WAITS_SECONDS = (0.2, 0.8)
# what h11 and httpcore say of a connection that was closed too early
_DISCONNECTED = ("Server disconnected", "peer closed connection", "peer unexpectedly closed connection")
_TRANSIENT = frozenset({429, 502, 503, 504})


class Success(NamedTuple):
    """A successful response: its status, its body, and the request id that the server reports."""

    status: int
    body: bytearray
    request_id: str


class _Received(NamedTuple):
    """A response and its body; `flaw` is None, or says why the body could not be read completely."""

    response: "httpx.Response"
    body: bytearray
    flaw: str | None


class Transport:
    """Sends requests to one server, with one bearer token, or none."""

    def __init__(self, server: Server, bearer: str | None, tls: ClientTls, options: CallOptions) -> None:
        self._server = server
        self._bearer = bearer
        self._options = options
        self._client = open_client(server, tls, options)

    def close(self) -> None:
        """Close every connection, also those of unfinished requests."""
        self._client.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        limit_bytes: int = SUCCESS_BYTES,
    ) -> Success:
        """Send one logical request; a `body` of bytes is JSON already.

        `limit_bytes` bounds a success's body, unless --max-response does.

        Raises: Failure for all but a whole 2xx.
        """
        request = self._request(method, path, query, body)
        request_id = request.headers["x-request-id"]
        deadline = self._options.start_deadline()
        limit_bytes = self._options.max_response_bytes or limit_bytes
        try:
            response, content, flaw = self._with_retries(request, deadline, limit_bytes)
        except DeadlineExceededError:
            detail = f"{self._server.url} did not finish its response within {deadline} (--timeout)"
            raise Failure(Kind.TIMEOUT, "Deadline Exceeded", detail, request_id=request_id) from None
        except (load_httpx().HTTPError, ValueError) as error:
            raise self._failure_of(error, request_id) from error
        request_id = response.headers.get("x-request-id") or request_id
        status = response.status_code
        if not response.is_success:
            failure = failure_of(status, content, request_id, response.headers, response.extensions[LOCATION])
            failure.retry_after_seconds = retry_after(response)
            raise failure
        if flaw:
            detail = f"the response of {self._server.url} cannot be used: {flaw}"
            raise Failure(Kind.MALFORMED, "Malformed Response", detail, status=status, request_id=request_id)
        return Success(status, content, request_id)

    def _request(self, method: str, path: str, query: Mapping[str, str] | None, body: object) -> "httpx.Request":
        separator = "&" if "?" in path else "?"
        url = self._server.url + path + (f"{separator}{urlencode(query)}" if query else "")
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED_CODING,
            "User-Agent": f"plexctl/{VERSION}",
            "X-Request-Id": uuid7(),
        }
        if self._bearer is not None:
            headers["Authorization"] = f"Bearer {self._bearer}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            return self._client.build_request(method, url, headers=headers, content=content)
        except load_httpx().InvalidURL as error:  # one of more than 65,536 characters; all else was checked before
            raise usage("", f"the request's URL cannot be sent: {error}") from None

    def _with_retries(self, request: "httpx.Request", deadline: Deadline, limit_bytes: int) -> _Received:
        """Make up to three attempts: of a GET after a transient failure, of any method until a connection is made."""
        for pause in _WAITS_SECONDS:
            try:
                received = self._attempt(request, deadline, limit_bytes)
            except (load_httpx().ConnectError, load_httpx().ConnectTimeout) as error:
                if is_tls(error) or not deadline.allows(pause):
                    raise
                time.sleep(pause)
                continue
            if request.method != "GET" or received.response.status_code not in _TRANSIENT:
                return received
            wait = retry_after(received.response)
            if not deadline.allows(pause if wait is None else wait):
                return received
            time.sleep(pause if wait is None else wait)
        return self._attempt(request, deadline, limit_bytes)

    def _attempt(self, request: "httpx.Request", deadline: Deadline, limit_bytes: int) -> _Received:
        started = time.monotonic()
        outcome = "interrupted"
        try:
            received = deadline.run(lambda: self._receive(request, limit_bytes))
            outcome = str(received.response.status_code)
        except (Exception, KeyboardInterrupt) as error:
            outcome = type(error).__name__
            raise
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            url, request_id = str(request.url), request.headers["x-request-id"]
            self._options.observe(Attempt(request.method, url, outcome, milliseconds, request_id))
        return received

    def _receive(self, request: "httpx.Request", limit_bytes: int) -> _Received:
        response = self._client.send(request, stream=True)
        try:
            body = read_body(response, limit_bytes if response.is_success else ERROR_BYTES)
        except BodyTooLargeError as error:
            return _Received(response, error.start, str(error))
        except BrokenCodingError as error:
            return _Received(response, bytearray(), str(error))
        finally:
            response.close()
        return _Received(response, body, None)

    def _failure_of(self, error: Exception, request_id: str) -> Failure:
        if isinstance(error, load_httpx().RemoteProtocolError) and not str(error).startswith(_DISCONNECTED):
            detail = f"{self._server.url} sent no valid HTTP: {error}"
            return Failure(Kind.MALFORMED, "Malformed Response", detail, request_id=request_id)
        server = self._server
        proxy = find_proxy(server.scheme, server.host, server.port, self._options.proxy_variables)
        return unreachable(server.url, proxy, error, request_id)
