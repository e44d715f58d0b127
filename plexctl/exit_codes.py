"""The exit-code table of help and the reference pages, computed from the maps in `failures` that decide."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from plexctl.failures import (
    DENIAL_CODES,
    DENIAL_REASONS,
    EXIT_CODES,
    GRPC_KINDS,
    HTTP_KINDS,
    OTHER_KIND,
    STDOUT_CLOSED,
    TERMINATED,
    Kind,
    http_kind,
)

Cause = TypeVar("Cause")


class ExitCode(NamedTuple):
    """A row: what leads to the code over HTTP, over gRPC and on this machine; NEVER where nothing does."""

    code: int
    meaning: str
    http: str
    grpc: str
    local: str


NEVER = "-"

_SUCCESS = ExitCode(0, "success; also a rotation that was already pending", "2xx, 409 already_pending", "OK", NEVER)
_MEANINGS: Mapping[int, str] = {
    1: "the server or the network failed, or the state does not allow it",
    2: "the input was refused, by plexctl before any network call or by the server",
    3: "no usable credential",
    4: "it does not exist, or a refusal that is not a denial",
    77: "authorization denied",
    130: "interrupted",
    STDOUT_CLOSED: "stdout was closed, for example by `head`; no message is printed",
    TERMINATED: "terminated",
}
_NETWORK_KINDS: Mapping[str, Kind] = {
    "connect": Kind.UNAVAILABLE,
    "TLS": Kind.UNAVAILABLE,
    "timeout": Kind.TIMEOUT,
    "malformed body": Kind.MALFORMED,
}
_LOCAL_KINDS: Mapping[str, Kind] = {
    "a full disk, a broken installation": Kind.LOCAL,
    "a command line or a setting that cannot be used; no server; no --yes": Kind.USAGE,
    "no token, one that others can read, or another server's": Kind.CREDENTIAL,
    "Ctrl-C (SIGINT)": Kind.INTERRUPTED,
}
_SIGNALS: Mapping[int, str] = {STDOUT_CLOSED: "a closed pipe (SIGPIPE)", TERMINATED: "SIGTERM"}


def exit_table() -> Sequence[ExitCode]:
    """Return one row per exit code, in the order of the codes."""
    rows = (
        ExitCode(code, meaning, _http(code) or NEVER, _grpc(code) or NEVER, _local(code) or NEVER)
        for code, meaning in sorted(_MEANINGS.items())
    )
    return (_SUCCESS, *rows)


def _http(code: int) -> str:
    statuses = [str(status) for status in sorted(_causes(code, HTTP_KINDS))]
    if EXIT_CODES[http_kind(403)] == code:
        statuses.append("403 (other)")
    if EXIT_CODES[http_kind(403, code=DENIAL_CODES[0])] == code:
        statuses.append(f"403 with code {_either(DENIAL_CODES)}, or with reason {_either(DENIAL_REASONS)}")
    if EXIT_CODES[OTHER_KIND] == code:
        statuses.append("every status not named in this table")
    network = _causes(code, _NETWORK_KINDS)
    return "; ".join(", ".join(causes) for causes in (statuses, network) if causes)


def _grpc(code: int) -> str:
    names = _causes(code, GRPC_KINDS)
    if EXIT_CODES[OTHER_KIND] == code:
        names.append("every code not named in this table")
    return ", ".join(names)


def _local(code: int) -> str:
    return _SIGNALS.get(code, "; ".join(_causes(code, _LOCAL_KINDS)))


def _causes(code: int, kinds: Mapping[Cause, Kind]) -> list[Cause]:
    """List the keys of one of the maps that lead to an exit code."""
    return [cause for cause, kind in kinds.items() if EXIT_CODES[kind] == code]


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
