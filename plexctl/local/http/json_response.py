"""The response of every operation that answers with JSON."""

import msgspec
from starlette import responses


class JSONResponse(responses.JSONResponse):
    """JSON that msgspec writes: ten times faster than Python's own, which a registration among many Nodes needs."""

    def render(self, content: object) -> bytes:
        """Return the body's bytes."""
        return msgspec.json.encode(content)
