"""A request as its handler sees it, and the row that describes an operation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from starlette.responses import Response

from plexctl.local.control.base.pending import PendingResponse
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.http import bodies
from plexctl.local.http.bodies import BodyRule
from plexctl.local.http.parameters import Parameter

Handler = Callable[["Call"], Mapping[str, Any] | Sequence[Any] | Iterator[bytes] | Response | None]


@dataclass(frozen=True)
class Call:
    """One request: its caller, its parameters and its body.

    `base_url` is the plane's, as the caller names it; `headers` are the request's. `threads` run rules; `bearer` is the
    credential as presented; `query` has the parameters' values; `content` is the body or the refusal of it; promised
    events are held back until `response` is sent.
    """

    control: Control
    response: PendingResponse
    threads: Executor
    base_url: str
    headers: Mapping[str, str]
    principal: Principal | None
    bearer: str | None
    ids: Mapping[str, str]
    query: Mapping[str, Any]
    content: bytes | Refusal
    body_rule: BodyRule | None

    @property
    def operator(self) -> Principal:
        """The operator who calls.

        Raises: TypeError if others may call the operation.
        """
        if self.principal is None:
            raise TypeError("not only operators may call this operation")
        return self.principal

    def body(self) -> dict[str, Any]:
        """Parse the body.

        Raises: Refusal with the operation's own codes, or that of a body which could not be read; TypeError if the
        operation takes no body.
        """
        return bodies.parse(*self._received())

    def form(self) -> dict[str, str]:
        """Parse the body, which is that of an HTML form.

        Raises: Refusal with the operation's own codes, or that of a body which could not be read; TypeError if the
        operation takes no body.
        """
        return bodies.parse_form(*self._received())

    def _received(self) -> tuple[bytes, BodyRule]:
        if self.body_rule is None:
            raise TypeError("this operation takes no body")
        if isinstance(self.content, Refusal):
            raise self.content
        return self.content, self.body_rule


class Operation(NamedTuple):
    """A row of the API: the route, who may call, what the operation takes, answers and refuses."""

    name: str
    method: str
    path: str
    summary: str
    handler: Handler
    schema: str | None  # of the answer; None for an answer without a body
    status: int = 200
    caller: Literal["operator", "session", "node", "either", "anyone"] = "operator"
    body: BodyRule | None = None
    query: tuple[Parameter, ...] = ()
    header: tuple[Parameter, ...] = ()  # parameters in the request's header, which the handler gets with the query's
    refusals: tuple[Reason, ...] = ()  # besides those that follow from the other columns
    malformed_ids: Mapping[str, Reason] = {}  # the refusal of a path id that is not a UUID, where there is one
    media_type: str = "application/json"  # of the answer
    headers: Mapping[str, str] = {}  # further headers of the answer, and what each says
    also: tuple[int, ...] = ()  # further statuses with an answer of the same schema
    location: str | None = None  # where a created object is read, filled in from the answer and the path
    is_stored: bool = True  # whether it needs the database, and refuses if that fails
