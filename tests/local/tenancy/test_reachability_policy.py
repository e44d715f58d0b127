import pytest

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.tenancy import reachability_policy
from tests.each import each


def policy(interval, stale, unreachable):
    return {"heartbeat_interval": interval, "stale_after": stale, "unreachable_after": unreachable}


@pytest.mark.parametrize(
    "accepted",
    [
        policy("30s", "90s", "300s"),
        policy("10s", "30s", "1m"),
        policy("10m", "30m", "1h"),
        policy("10s", "30m", "60m"),
        policy("1m30s", "4.5m", "9m"),
    ],
)
def test_a_policy_is_kept_as_it_was_written(accepted):
    assert reachability_policy.read(accepted) == accepted


@pytest.mark.parametrize("unset", [{}, policy("", "", ""), policy("0s", "0", "0h"), {"stale_after": "0s"}])
def test_a_policy_of_nothing_is_the_default(unset):
    assert reachability_policy.read(unset) == policy("10m", "30m", "1h")


@each(
    "refused",
    [
        policy("30s", "90s", ""),
        policy("30s", "0s", "300s"),
        {"heartbeat_interval": "30s", "stale_after": "90s"},
        policy("9s", "90s", "300s"),
        policy("9.999999999s", "90s", "300s"),
        policy("61m", "90s", "300s"),
        policy("30s", "89s", "300s"),
        policy("10m", "61m", "1h"),
        policy("30s", "90s", "179s"),
        policy("30s", "90s", "61m"),
        policy("-30s", "90s", "300s"),
        policy("30", "90s", "300s"),
        policy("half a minute", "90s", "300s"),
    ],
)
def test_a_policy_that_does_not_hang_together_is_refused(refused):
    with pytest.raises(Refusal) as caught:
        reachability_policy.read(refused)
    assert caught.value.code == "invalid_reachability_policy"


def test_a_partial_policy_is_told_what_is_missing():
    with pytest.raises(Refusal, match="set all of heartbeat_interval, stale_after, unreachable_after"):
        reachability_policy.read({"heartbeat_interval": "30s", "stale_after": "90s"})
