import base64

import pytest

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import heartbeat, key_rotation
from tests.each import each
from tests.local.world import MINUTE

DIGEST = bytes(range(32))
SECOND = MINUTE // 60


@pytest.fixture
def body(clock):
    return {
        "client_now": to_wire(clock.time),
        "binary_checksum": base64.b64encode(DIGEST).decode(),
        "binary_version": "plexd-v0.4.2",
        "nat_summary": {"endpoint": "203.0.113.7:51820", "nat_type": "full_cone"},
    }


@pytest.fixture
def node_id(world):
    return world.node("10.50.0.1")


def accept(world, node_id, body, bearer=None):
    return heartbeat.accept(world.control, bearer or world.bearer(node_id), node_id, lambda: body)


def refusal(world, node_id, body, bearer=None):
    """Return the refusal of a heartbeat, having seen that it changed nothing."""
    before = world.content_but_contact()
    with pytest.raises(Refusal) as refused:
        accept(world, node_id, body, bearer)
    assert world.content_but_contact() == before
    return refused.value


def test_a_heartbeat_is_recorded_and_answered(world, clock, node_id, body):
    clock.advance(SECOND)
    assert accept(world, node_id, body) == {
        "accepted_at": to_wire(clock.time),
        "reconcile": False,
        "rotate_keys": False,
    }
    assert world.one(
        "SELECT last_contact_at, last_heartbeat_at, binary_version, binary_checksum, behind_nat FROM nodes"
    ) == (clock.time, clock.time, "plexd-v0.4.2", DIGEST, 0)


def test_rotate_keys_is_true_while_a_rotation_is_pending(world, node_id, body):
    key_rotation.trigger(world.control, world.admin, node_id, None)
    assert accept(world, node_id, body)["rotate_keys"] is True
    assert accept(world, node_id, body)["rotate_keys"] is True
    new_key = base64.b64encode(DIGEST).decode()
    key_rotation.complete(world.control, world.bearer(node_id), lambda: {"new_public_key": new_key}, None)
    assert accept(world, node_id, body)["rotate_keys"] is False


@pytest.mark.parametrize(
    ("summary", "behind_nat"),
    [
        ({}, None),
        ({"nat_type": "symmetric"}, 1),
        ({"nat_type": "port_restricted"}, 0),
        ({"behind_nat": True}, 1),
        ({"behind_nat": "no"}, 0),
        ({"nat_type": ["symmetric"], "more": {"deep": 1}}, 0),
    ],
)
def test_the_last_nat_summary_that_says_so_decides_whether_a_relay_is_needed(world, node_id, body, summary, behind_nat):
    for before in (0, 1):
        world.execute("UPDATE nodes SET behind_nat = ?", before)
        accept(world, node_id, {**body, "nat_summary": summary})
        assert world.one("SELECT behind_nat FROM nodes") == (before if behind_nat is None else behind_nat,)


@each(
    "checksum",
    [
        None,
        "",
        DIGEST.hex(),
        "ab" * 31,
        "AB" * 32,
        "zz" * 32,
        base64.b64encode(b"x" * 31).decode(),
        base64.b64encode(DIGEST).decode().rstrip("="),
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
        base64.b64encode(DIGEST).decode() + "\n",
    ],
)
def test_any_other_checksum_is_refused(world, node_id, body, checksum):
    assert refusal(world, node_id, {**body, "binary_checksum": checksum}).code == "binary_checksum_empty"


def test_a_missing_checksum_or_version_has_its_own_code(world, node_id, body):
    for name, code in (
        ("binary_checksum", "binary_checksum_empty"),
        ("binary_version", "binary_version_empty"),
    ):
        assert refusal(world, node_id, {key: value for key, value in body.items() if key != name}).code == code


@pytest.mark.parametrize("version", [None, "", "  \t"])
def test_a_blank_version_is_refused(world, node_id, body, version):
    assert refusal(world, node_id, {**body, "binary_version": version}).code == "binary_version_empty"


@pytest.mark.parametrize("skew", [-60 * SECOND, 60 * SECOND])
def test_sixty_seconds_of_skew_are_accepted(world, clock, node_id, body, skew):
    accept(world, node_id, {**body, "client_now": to_wire(clock.time + skew)})


@pytest.mark.parametrize("skew", [-60 * SECOND - 1, 60 * SECOND + 1])
def test_more_skew_is_refused(world, clock, node_id, body, skew):
    denied = refusal(world, node_id, {**body, "client_now": to_wire(clock.time + skew)})
    assert denied.code == "clock_skew"
    assert " is 60.000001 s away from " in denied.detail  # not "60 s away, at most 60 s are allowed"


@each(
    "change",
    [
        {"more": 1},
        {"client_now": None},
        {"client_now": 1780000000},
        {"client_now": "2026-05-28"},
        {"client_now": "2026-05-28T20:26:40"},
        {"client_now": "2026-13-28T20:26:40Z"},
        {"binary_checksum": 7},
        {"binary_version": ["v1"]},
        {"binary_version": "v" * 4097},
        {"nat_summary": None},
        {"nat_summary": []},
        {"nat_summary": "none"},
    ],
)
def test_what_is_no_heartbeat_is_malformed(world, node_id, body, change):
    assert refusal(world, node_id, {**body, **change}).code == "malformed_heartbeat_request"


@pytest.mark.parametrize("missing", ["client_now", "nat_summary"])
def test_a_missing_field_is_malformed(world, node_id, body, missing):
    incomplete = {key: value for key, value in body.items() if key != missing}
    assert refusal(world, node_id, incomplete).code == "malformed_heartbeat_request"


def test_the_checks_come_in_order(world, node_id, body):
    wrong = {**body, "client_now": "1999-01-01T00:00:00Z", "binary_checksum": "", "binary_version": "", "more": 1}
    repairs = [
        ("malformed_heartbeat_request", "more"),
        ("clock_skew", "client_now"),
        ("binary_checksum_empty", "binary_checksum"),
        ("binary_version_empty", "binary_version"),
    ]
    for code, name in repairs:
        assert refusal(world, node_id, wrong).code == code
        wrong = {key: value for key, value in {**wrong, name: body.get(name)}.items() if key in body}
    accept(world, node_id, wrong)


def test_the_body_is_read_for_the_node_itself_only(world, node_id):
    other = world.node("10.50.0.2")

    def unread():
        raise AssertionError("the body was read before the caller was known")

    for bearer, code in ((None, "unauthorized"), ("x", "nsk_invalid"), (world.bearer(other), "node_id_mismatch")):
        with pytest.raises(Refusal) as refused:
            heartbeat.accept(world.control, bearer, node_id, unread)
        assert refused.value.code == code
    assert refused.value.extensions["reason"] == "insufficient_relation"
