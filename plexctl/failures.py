"""Every way a run can fail, and THE exit-code table: HTTP status, gRPC status or local cause → kind → code."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
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
STDOUT_CLOSED = 141

# Every HTTP status and gRPC code without a row here is the server's own trouble: kind unavailable, exit code 1.
_HTTP_KINDS: Mapping[int, Kind] = {
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
_GRPC_KINDS: Mapping[str, Kind] = {
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
}
_DENIAL_CODES = frozenset({"rebac_denied", "permission_denied"})
_DENIAL_REASONS = frozenset({"out_of_scope", "insufficient_relation", "caveat_violation"})


def http_kind(status: int, code: object = None, reason: object = None) -> Kind:
    """Tell what an HTTP status means; `code` and `reason` are the problem document's, and split 403 in two."""
    if status == 403:
        return Kind.DENIED if code in _DENIAL_CODES or reason in _DENIAL_REASONS else Kind.NOT_FOUND
    return _HTTP_KINDS.get(status, Kind.UNAVAILABLE)


def grpc_kind(name: str) -> Kind:
    """Tell what a gRPC status code, by its name, means."""
    return _GRPC_KINDS.get(name, Kind.UNAVAILABLE)


class Failure(Exception):  # noqa: N818  it is the one failure type; `FailureError` would say it twice
    """Why a run failed, with all that is known of the source; only `main` turns it into output and an exit code.

    `detail` says what was wrong with which value and what to do next. `extensions` are the members of a problem
    document (RFC 9457) beyond the standard ones: each one's name and its value's JSON, as the server sent it.
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


def usage(subject: str, complaint: str) -> Failure:
    """Refuse an input before anything is sent; `subject` is a flag, a variable or a command."""
    return Failure(Kind.USAGE, "Invalid Usage", f"{subject}: {complaint}" if subject else complaint)


class ExitCode(NamedTuple):
    """A row of the table as people read it: `plexctl help exit-codes` and the reference pages.

    What leads to the code, by HTTP, by gRPC and on this machine; NEVER where nothing does.
    """

    code: str
    meaning: str
    http: str
    grpc: str
    local: str


NEVER = "-"

EXIT_TABLE = (
    ExitCode("0", "success; also a rotation that was already pending", "2xx, 409 already_pending", "OK", NEVER),
    ExitCode(
        "1",
        "the server or the way to it failed, or the state forbids it",
        "every status without a row of its own; connect, TLS, timeout, malformed body",
        "FAILED_PRECONDITION, UNAVAILABLE, DEADLINE_EXCEEDED, every code without a row",
        "a full disk, a broken installation",
    ),
    ExitCode(
        "2",
        "the input was refused, by plexctl before any network call or by the server",
        "400, 413, 415, 422",
        "INVALID_ARGUMENT, OUT_OF_RANGE",
        "a command line or a setting that cannot be used; no server; no --yes",
    ),
    ExitCode("3", "no usable credential", "401", NEVER, "no token, one that others can read, or another server's"),
    ExitCode("4", "the thing is not there, or a refusal that is not a denial", "404, 403 (other)", "NOT_FOUND", NEVER),
    ExitCode(
        "77",
        "authorization denied",
        "403 with code rebac_denied or permission_denied, or with a reason",
        "UNAUTHENTICATED, PERMISSION_DENIED",
        NEVER,
    ),
    ExitCode("130", "interrupted", NEVER, NEVER, "Ctrl-C (SIGINT)"),
    ExitCode("141", "nobody reads the output any more; nothing is said", NEVER, NEVER, "stdout closed, as by head"),
    ExitCode("143", "terminated", NEVER, NEVER, "SIGTERM"),
)
