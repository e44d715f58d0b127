"""A Domain's reachability policy on the command line: three durations, all of them or none."""

import pytest

from plexctl.commands import domain

FLAGS = {"heartbeat-interval": "30s", "stale-after": "90s", "unreachable-after": "5m"}
NEW = "domain create --slug delta --display-name Delta --mesh-cidr 10.60.0.0/16"


def written(names):
    return " ".join(f"--{name} {FLAGS[name]}" for name in names)


def policy(values):
    return dict(zip((name.replace("-", "_") for name in FLAGS), values, strict=True))


def test_a_new_domain_has_the_policy_given_and_a_change_replaces_all_of_it(admin):
    created = admin(f"{NEW} {written(FLAGS)} -o json").json
    assert created["reachability"] == policy(["30s", "90s", "5m"])

    changed = "--heartbeat-interval 1m --stale-after 3m --unreachable-after 1h"
    assert admin(f"domain update {created['id']} {changed}").code == 0

    assert admin("domain get delta -o json").json["reachability"] == policy(["1m", "3m", "1h"])


@pytest.mark.parametrize("line", [NEW, "domain update 019ed19b-68dc-7aa9-8995-80e810444cce"])
@pytest.mark.parametrize("left_out", FLAGS)
def test_part_of_a_policy_is_refused_before_any_call(against, server, line, left_out):
    outcome = against(f"{line} {written(FLAGS.keys() - {left_out})}")

    assert outcome.code == 2
    assert f"--{left_out}: is missing" in outcome.stderr
    assert server.requests == []


def test_a_policy_that_the_server_refuses_is_the_callers_mistake(admin):
    outcome = admin(f"{NEW} --heartbeat-interval 1m --stale-after 1m --unreachable-after 1h")

    assert outcome.code == 2
    assert "invalid_reachability_policy" in outcome.stderr


def test_the_flags_are_those_of_the_plane():
    from plexctl.local.control.tenancy.reachability_policy import FIELDS

    assert tuple(domain._POLICY) == FIELDS
