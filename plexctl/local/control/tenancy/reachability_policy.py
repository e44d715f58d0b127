"""A Domain's reachability policy: how often its Nodes report, and after what silence one is stale or unreachable."""

from plexctl import grammar
from plexctl.local.control.base import reasons
from plexctl.local.control.base.fields import check_known, text
from plexctl.local.control.base.refusal import Refusal

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
SHORTEST_INTERVAL_NS = 10 * SECOND_NS

FIELDS = ("heartbeat_interval", "stale_after", "unreachable_after")
# Nodes that send no heartbeats, as in the lesson, stay healthy for half an hour.
DEFAULT = dict(zip(FIELDS, ("10m", "30m", "1h"), strict=True))


def read(value: object) -> dict[str, str]:
    """Check a policy and return its three durations as text, unchanged; if none is set, return the default.

    Raises: Refusal(invalid_body, invalid_reachability_policy).
    """
    if not isinstance(value, dict):
        raise Refusal(reasons.INVALID_BODY, "reachability is not an object")
    check_known(value, FIELDS, reasons.INVALID_BODY)
    written = {field: text(value, field) for field in FIELDS}
    durations = [_duration(field, duration) for field, duration in written.items()]
    if not any(durations):
        return DEFAULT
    _check(*durations)
    return written


def _duration(field: str, written: str) -> int:
    """Read a duration into nanoseconds."""
    try:
        return grammar.duration(written or "0")
    except ValueError as error:
        raise _refusal(f"{field} {written!r} {error}") from None


def _check(interval: int, stale: int, unreachable: int) -> None:
    """Check a policy in nanoseconds."""
    if not all((interval, stale, unreachable)):
        raise _refusal(f"set all of {', '.join(FIELDS)}, or none for the default")
    if not SHORTEST_INTERVAL_NS <= interval <= HOUR_NS:
        raise _refusal("heartbeat_interval must be from 10s to 1h")
    if not 3 * interval <= stale <= HOUR_NS:
        raise _refusal("stale_after must be from three times heartbeat_interval to 1h")
    if not 2 * stale <= unreachable <= HOUR_NS:
        raise _refusal("unreachable_after must be from twice stale_after to 1h")


def _refusal(detail: str) -> Refusal:
    return Refusal(reasons.INVALID_REACHABILITY_POLICY, detail)
