import base64

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import heartbeat, reachability
from tests.local.world import MINUTE


def read(world, node_id):
    return reachability.read(world.control, world.viewer, None, node_id)


def beat(world, node_id):
    body = {
        "client_now": to_wire(world.control.clock()),
        "binary_checksum": base64.b64encode(bytes(32)).decode(),
        "binary_version": "plexd-v1",
        "nat_summary": {},
    }
    return heartbeat.accept(world.control, world.bearer(node_id), node_id, lambda: body)


def test_registration_counts_as_contact_though_not_as_heartbeat(world, clock):
    assert read(world, world.node("10.50.0.1")) == {"state": "healthy", "changed_at": to_wire(clock.time)}


@pytest.mark.parametrize(
    ("silence", "state", "changed_after"),
    [
        (30 * MINUTE - 1, "healthy", 0),
        (30 * MINUTE, "stale", 30 * MINUTE),
        (60 * MINUTE - 1, "stale", 30 * MINUTE),
        (60 * MINUTE, "unreachable", 60 * MINUTE),
        (600 * MINUTE, "unreachable", 60 * MINUTE),
    ],
)
def test_silence_changes_the_state_at_the_policys_thresholds(world, clock, silence, state, changed_after):
    registered, node_id = clock.time, world.node("10.50.0.1")
    clock.advance(silence)
    assert read(world, node_id) == {"state": state, "changed_at": to_wire(registered + changed_after)}


def test_a_heartbeat_while_healthy_is_no_transition(world, clock):
    registered, node_id = clock.time, world.node("10.50.0.1")
    clock.advance(10 * MINUTE)
    beat(world, node_id)
    assert read(world, node_id) == {
        "state": "healthy",
        "last_heartbeat_at": to_wire(clock.time),
        "changed_at": to_wire(registered),
    }


@pytest.mark.parametrize("silence", [30 * MINUTE, 60 * MINUTE])
def test_a_heartbeat_ends_a_silence_and_the_next_one_keeps_that_instant(world, clock, silence):
    node_id = world.node("10.50.0.1")
    clock.advance(silence)
    beat(world, node_id)
    recovered = clock.time
    clock.advance(MINUTE)
    beat(world, node_id)
    state = read(world, node_id)
    assert (state["state"], state["changed_at"]) == ("healthy", to_wire(recovered))
    assert state["last_heartbeat_at"] == to_wire(clock.time)


@pytest.mark.parametrize("step", [-1, -60 * MINUTE, -400 * 24 * 60 * MINUTE])
def test_a_last_contact_in_the_future_counts_as_now(world, clock, step):
    node_id = world.node("10.50.0.1")
    clock.advance(step)
    assert read(world, node_id)["state"] == "healthy"
    beat(world, node_id)
    clock.advance(30 * MINUTE)
    assert read(world, node_id)["state"] == "stale"


def test_each_domain_has_its_own_policy(world, clock):
    node_id = world.node("10.50.0.1")
    world.execute("UPDATE domains SET stale_after = '90s', unreachable_after = '300s' WHERE id = ?", world.domain_id)
    clock.advance(2 * MINUTE)
    assert read(world, node_id)["state"] == "stale"
    clock.advance(3 * MINUTE)
    assert read(world, node_id)["state"] == "unreachable"


def test_a_denial_reads_the_same_whether_the_node_exists_or_not(world):
    node_id, unknown = world.node("10.50.0.1"), uuid7()
    denials = []
    for asked in (node_id, unknown):
        with pytest.raises(Refusal) as refused:
            reachability.read(world.control, world.outsider, None, asked)
        denial = refused.value
        denials.append((denial.code, denial.detail.replace(asked, "?"), denial.extensions))
    assert denials[0] == denials[1]
    assert denials[0][0] == "insufficient_relation"
    assert denials[0][2] == {"reason": "insufficient_relation", "relation_path": []}


def test_an_unknown_node_is_not_found_for_who_may_know(world):
    with pytest.raises(Refusal) as refused:
        read(world, uuid7())
    assert refused.value.code == "node_not_found"
