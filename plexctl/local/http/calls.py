"""What a request asks for, as the handlers see it, and the rows that say which operations there are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from starlette.responses import Response

from plexctl.local.control.base.pending import PendingResponse
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control
from plexctl.local.http import bodies
from plexctl.local.http.bodies import BodyRule
from plexctl.local.http.parameters import Parameter

Handler = Callable[["Call"], Mapping[str, Any] | Iterator[str] | Response | None]


@dataclass(frozen=True)
class Call:
    """One request: who asks, for what, with what.

    `bearer` is the credential as presented, `query` holds the parameters' values, `content` the body's bytes;
    promised events wait for `response`.
    """

    control: Control
    response: PendingResponse
    principal: Principal | None
    bearer: str | None
    ids: Mapping[str, str]
    query: Mapping[str, Any]
    content: bytes | None
    body_rule: BodyRule | None

    @property
    def operator(self) -> Principal:
        """The operator who asks.

        Raises: TypeError where others may call.
        """
        if self.principal is None:
            raise TypeError("this operation is open to others than operators")
        return self.principal

    def body(self) -> dict[str, Any]:
        """Parse the body.

        Raises: Refusal with the operation's own codes; TypeError where it takes none.
        """
        if self.body_rule is None:
            raise TypeError("this operation takes no body")
        return bodies.parse(self.content, self.body_rule)


class Operation(NamedTuple):
    """A row of the API: how it is reached, who may try, what it takes, answers and refuses."""

    name: str
    method: str
    path: str
    summary: str
    handler: Handler
    schema: str | None  # of the answer; None for an answer without a body
    status: int = 200
    caller: Literal["operator", "node", "anyone"] = "operator"
    body: BodyRule | None = None
    query: tuple[Parameter, ...] = ()
    refusals: tuple[Reason, ...] = ()  # besides those that follow from the other columns
    malformed_ids: Mapping[str, Reason] = {}  # the refusal of a path id that is not a UUID, where there is one
    also: tuple[int, ...] = ()  # further statuses with an answer of the same schema
    location: str | None = None  # where a created object is read, filled in from the answer and the path
