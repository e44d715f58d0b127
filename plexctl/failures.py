"""The failure of a run, and the maps that decide its exit code: HTTP status or gRPC code → kind → exit code."""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Kind(StrEnum):
    """The kind of a failure, as an error document names it."""

    USAGE = "usage"
    CREDENTIAL = "credential"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    MALFORMED = "malformed"
    INTERRUPTED = "interrupted"
    LOCAL = "local"


EXIT_CODES: Mapping[Kind, int] = {
    Kind.USAGE: 2,
    Kind.REFUSED: 2,
    Kind.CREDENTIAL: 3,
    Kind.NOT_FOUND: 4,
    Kind.DENIED: 77,
    Kind.CONFLICT: 1,
    Kind.RATE_LIMITED: 1,
    Kind.UNAVAILABLE: 1,
    Kind.TIMEOUT: 1,
    Kind.MALFORMED: 1,
    Kind.LOCAL: 1,
    Kind.INTERRUPTED: 130,
}
TERMINATED = 143
_TITLE_LENGTH = 200
_TRANSIENT_KINDS = frozenset({Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.RATE_LIMITED})
_TRANSIENT_STATUSES = frozenset({None, 408, 429, 502, 503, 504})
STDOUT_CLOSED = 141

OTHER_KIND = Kind.UNAVAILABLE  # for every HTTP status and gRPC code without a row
HTTP_KINDS: Mapping[int, Kind] = {
    400: Kind.REFUSED,
    413: Kind.REFUSED,
    415: Kind.REFUSED,
    422: Kind.REFUSED,
    401: Kind.CREDENTIAL,
    404: Kind.NOT_FOUND,
    409: Kind.CONFLICT,
    429: Kind.RATE_LIMITED,
    408: Kind.TIMEOUT,
    504: Kind.TIMEOUT,
}
GRPC_KINDS: Mapping[str, Kind] = {
    "INVALID_ARGUMENT": Kind.REFUSED,
    "OUT_OF_RANGE": Kind.REFUSED,
    "NOT_FOUND": Kind.NOT_FOUND,
    "UNAUTHENTICATED": Kind.DENIED,
    "PERMISSION_DENIED": Kind.DENIED,
    "FAILED_PRECONDITION": Kind.CONFLICT,
    "ALREADY_EXISTS": Kind.CONFLICT,
    "ABORTED": Kind.CONFLICT,
    "RESOURCE_EXHAUSTED": Kind.RATE_LIMITED,
    "DEADLINE_EXCEEDED": Kind.TIMEOUT,
    "UNAVAILABLE": Kind.UNAVAILABLE,
}
DENIAL_CODES = ("rebac_denied", "permission_denied")
DENIAL_REASONS = ("out_of_scope", "insufficient_relation", "caveat_violation")


def http_kind(status: int, code: object = None, reason: object = None) -> Kind:
    """Return the kind of an HTTP status; for 403, the problem document's `code` and `reason` decide between two."""
    if status == 403:
        return Kind.DENIED if code in DENIAL_CODES or reason in DENIAL_REASONS else Kind.NOT_FOUND
    return HTTP_KINDS.get(status, OTHER_KIND)


def grpc_kind(name: str) -> Kind:
    """Return the kind of a gRPC status code, given by its name."""
    return GRPC_KINDS.get(name, OTHER_KIND)


class Failure(Exception):  # noqa: N818  the project's term; `FailureError` would repeat itself
    """Why a run failed; only `outcome` turns it into output and an exit code.

    `detail` says which value is wrong, why, and what to do next. `extensions` are the members of a problem document
    (RFC 9457) beyond the standard ones: each has its name and the JSON of its value, as the server sent it.
    """

    def __init__(  # noqa: PLR0913  one argument for each member of the error document
        self,
        kind: Kind,
        title: str,
        detail: str = "",
        *,
        exit_code: int | None = None,
        status: int | None = None,
        grpc_status: str | None = None,
        code: str | None = None,
        instance: str | None = None,
        request_id: str | None = None,
        correlation_id: str | None = None,
        extensions: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.kind = kind
        self.exit_code = EXIT_CODES[kind] if exit_code is None else exit_code
        self.title = title
        self.detail = detail
        self.status = status
        self.grpc_status = grpc_status
        self.code = code
        self.instance = instance
        self.request_id = request_id
        self.correlation_id = correlation_id
        self.extensions = extensions
        self.retry_after_seconds: float | None = None  # where the server sent Retry-After

    @property
    def summary(self) -> str:
        """Title and detail, where more is not needed."""
        return f"{self.title}: {self.detail}" if self.detail else self.title

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed a little later, as after a restart of the server."""
        return self.kind in _TRANSIENT_KINDS and self.status in _TRANSIENT_STATUSES

    def drop_document(self) -> None:
        """Forget the server's own words, of which there may be many, and keep what plexctl knows."""
        self.title, self.detail, self.extensions = self.title[:_TITLE_LENGTH], "", ()


def usage(subject: str, complaint: str) -> Failure:
    """Make the failure for a wrong input; `subject` is the flag, the variable, the file or the command."""
    return Failure(Kind.USAGE, "Invalid Usage", f"{subject}: {complaint}" if subject else complaint)
