"""A Domain's reachability policy: how often its Nodes call, and after what silence one is stale, then unreachable."""

from plexctl import grammar
from plexctl.local.control.base.fields import text
from plexctl.local.control.base.refusal import Refusal

SECOND = 1_000_000_000  # in the nanoseconds that durations are read into
HOUR = 3600 * SECOND
SHORTEST_INTERVAL = 10 * SECOND

FIELDS = ("heartbeat_interval", "stale_after", "unreachable_after")
# Patient enough for a learner whose Nodes send no heartbeats: they stay healthy for half an hour.
DEFAULT = dict(zip(FIELDS, ("10m", "30m", "1h"), strict=True))


def read(value: object) -> dict[str, str]:
    """Check a policy and return its three durations as they were written; none set means the default."""
    if not isinstance(value, dict):
        raise Refusal("invalid_body", "reachability is not an object")
    written = {field: text(value, field) for field in FIELDS}
    durations = [_duration(field, duration) for field, duration in written.items()]
    if not any(durations):
        return DEFAULT
    _check(*durations)
    return written


def _duration(field: str, written: str) -> int:
    try:
        return grammar.duration(written or "0")
    except ValueError as error:
        raise _refusal(f"{field} {written!r} {error}") from None


def _check(interval: int, stale: int, unreachable: int) -> None:
    if not all((interval, stale, unreachable)):
        raise _refusal(f"set all of {', '.join(FIELDS)}, or none for the default")
    if not SHORTEST_INTERVAL <= interval <= HOUR:
        raise _refusal("heartbeat_interval must be from 10s to 1h")
    if not 3 * interval <= stale <= HOUR:
        raise _refusal("stale_after must be from three times heartbeat_interval to 1h")
    if not 2 * stale <= unreachable <= HOUR:
        raise _refusal("unreachable_after must be from twice stale_after to 1h")


def _refusal(detail: str) -> Refusal:
    return Refusal("invalid_reachability_policy", detail)
