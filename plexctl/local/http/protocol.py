"""uvicorn's HTTP protocol, except that bytes that are not HTTP are answered with a problem document."""

import json

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from plexctl.identifiers import uuid7
from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.http import problems

_REFUSAL = Refusal(reasons.MALFORMED_HTTP_REQUEST, "this is not an HTTP/1.1 request, or its header is too long")


class Protocol(H11Protocol):
    """One connection to the HTTP API."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the refusal's own text says more than uvicorn's
        """Answer bytes that are not an HTTP request, and close the connection."""
        correlation_id = uuid7()
        body = json.dumps(problems.document(_REFUSAL, "/", correlation_id)).encode()
        headers = {
            "content-type": problems.MEDIA_TYPE,
            "content-length": str(len(body)),
            "connection": "close",
            "x-request-id": uuid7(),
            problems.CORRELATION_HEADER: correlation_id,
        }
        answer = h11.Response(status_code=400, reason=b"Bad Request", headers=list(headers.items()))
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
