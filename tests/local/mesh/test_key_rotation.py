import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.mesh import key_rotation
from plexctl.local.control.worker import deliver_due
from tests.each import each
from tests.local import database

RECEIPT = {"kid": "psk-software-v1", "wrap_key_version": 1}


def key_text(key):
    return base64.b64encode(key).decode()


NEW_KEY = key_text(bytes(range(1, 33)))


def trigger(world, node_id, principal=None):
    return key_rotation.trigger(world.control, principal or world.admin, node_id, None)


def preview(world, node_id, principal=None):
    return key_rotation.preview(world.control, principal or world.admin, node_id)


def complete(world, node_id, key=NEW_KEY):
    return key_rotation.complete(world.control, world.bearer(node_id), lambda: {"new_public_key": key}, None)


def refused_unchanged(world, call):
    """Return the refusal of a call, having seen that it changed nothing."""
    before = database.content_but_for_contact(world.control)
    with pytest.raises(Refusal) as refused:
        call()
    assert database.content_but_for_contact(world.control) == before
    return refused.value


def events(world, kind):
    return world.all(f"SELECT node_id, payload FROM ({database.TOLD}) WHERE kind = ? ORDER BY node_id", kind)


@pytest.fixture
def node_id(world):
    return world.node("10.50.0.1")


def peer_id(world, node_id):
    return world.one("SELECT id FROM peers WHERE node_id = ?", node_id)[0]


def test_a_trigger_is_idempotent_while_pending(world, node_id):
    first = trigger(world, node_id)
    assert first == {
        "rotation_id": first["rotation_id"],
        "peer_id": peer_id(world, node_id),
        "already_pending": False,
    }
    assert trigger(world, node_id) == {**first, "already_pending": True}
    deliver_due(world.control)
    assert trigger(world, node_id) == {**first, "already_pending": True}
    deliver_due(world.control)
    ((told, payload),) = events(world, "rotate_keys")
    assert told == node_id
    assert json.loads(payload) == {"node_id": node_id, "rotation_id": first["rotation_id"]}


def test_triggers_at_once_record_one_rotation(world, node_id):
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: trigger(world, node_id), range(8)))
    assert len({answer["rotation_id"] for answer in answers}) == 1
    assert sum(not answer["already_pending"] for answer in answers) == 1
    assert world.one("SELECT count(*) FROM outbox WHERE kind = 'rotate_keys'") == (1,)


def test_a_preview_lists_every_edge_and_records_nothing(world, node_id):
    twelfth, second = world.node("10.50.0.12"), world.node("10.50.0.2")
    before = world.content_but_contact()
    assert preview(world, node_id) == {
        "node_id": node_id,
        "peer_id": peer_id(world, node_id),
        "affected_peer_count": 2,
        "affected_edges": [
            {"peer_node_id": peer, "current_kid": "psk-software-v1", "current_wrap_key_version": 1}
            for peer in (second, twelfth)
        ],
        "already_pending": False,
        "estimated_duration_seconds": 0,
    }
    assert world.content_but_contact() == before
    trigger(world, node_id)
    assert preview(world, node_id)["already_pending"] is True


@pytest.mark.parametrize(("peers", "seconds"), [(0, 0), (1, 0), (19, 0), (20, 1), (39, 1), (40, 2)])
def test_the_estimate_is_whole_seconds_rounded_down(world, node_id, peers, seconds):
    for host in range(peers):
        world.node(f"10.50.1.{host + 1}")
    answer = preview(world, node_id)
    assert (answer["affected_peer_count"], answer["estimated_duration_seconds"]) == (peers, seconds)


@pytest.mark.parametrize("operation", [trigger, preview])
def test_only_an_admin_may_and_a_denial_comes_before_existence(world, node_id, operation):
    for principal in (world.viewer, world.outsider):
        for asked in (node_id, uuid7()):
            denied = refused_unchanged(world, lambda asked=asked, who=principal: operation(world, asked, who))
            assert denied.code == "permission_denied"
            assert denied.extensions["reason"] == "insufficient_relation"


@pytest.mark.parametrize("operation", [trigger, preview])
def test_a_node_that_is_unknown_or_not_anchored_is_not_found(world, operation):
    waiting = world.node("10.50.0.9", anchored=False)
    for asked in (waiting, uuid7()):
        assert refused_unchanged(world, lambda asked=asked: operation(world, asked)).code == "node_not_found"


def test_completion_replaces_the_key_and_the_psk_of_the_node(world, clock, node_id):
    second, third = world.node("10.50.0.2"), world.node("10.50.0.3")
    rotation_id = trigger(world, node_id)["rotation_id"]
    clock.advance(1)
    assert complete(world, node_id) == {"rotation_id": rotation_id, **RECEIPT}
    assert world.one("SELECT public_key FROM nodes WHERE id = ?", node_id) == (NEW_KEY,)
    assert world.one("SELECT completed_at, new_public_key FROM mesh_key_rotations") == (clock.time, NEW_KEY)
    psks = "SELECT generation, retired_at FROM psks WHERE node_id = ? ORDER BY generation"
    assert world.all(psks, node_id) == [(1, clock.time), (2, None)]
    assert world.all(psks, second) == world.all(psks, third) == [(1, None)]
    deliver_due(world.control)
    told = events(world, "peer_key_rotated")
    assert [peer for peer, _ in told] == sorted([second, third])
    assert json.loads(told[0][1]) == {
        "node_id": node_id,
        "public_key": NEW_KEY,
        "rotation_id": rotation_id,
        **RECEIPT,
    }


def test_the_same_key_again_gets_the_same_receipt_and_no_second_event(world, node_id):
    trigger(world, node_id)
    receipt = complete(world, node_id)
    before = database.content_but_for_contact(world.control)
    assert complete(world, node_id) == receipt
    assert database.content_but_for_contact(world.control) == before


def test_only_the_last_completed_rotation_is_found_again(world, clock, node_id):
    other_key = key_text(bytes(range(2, 34)))
    trigger(world, node_id)
    complete(world, node_id)
    clock.advance(1)
    second = trigger(world, node_id)["rotation_id"]
    complete(world, node_id, other_key)
    assert complete(world, node_id, other_key)["rotation_id"] == second
    refusal = refused_unchanged(world, lambda: complete(world, node_id))
    assert refusal.code == "keys_rotate_no_pending_rotation"


def test_without_a_pending_rotation_no_other_key_is_taken(world, node_id):
    current = world.one("SELECT public_key FROM nodes")[0]
    for key in (NEW_KEY, current):
        refusal = refused_unchanged(world, lambda key=key: complete(world, node_id, key))
        assert refusal.code == "keys_rotate_no_pending_rotation"


def test_the_current_key_completes_nothing(world, node_id):
    trigger(world, node_id)
    complete(world, node_id)
    rotation_id = trigger(world, node_id)["rotation_id"]
    assert refused_unchanged(world, lambda: complete(world, node_id)).code == "keys_rotate_public_key_unchanged"
    assert complete(world, node_id, key_text(bytes(range(3, 35))))["rotation_id"] == rotation_id


def test_completions_at_once_install_one_key(world, node_id):
    world.node("10.50.0.2")
    trigger(world, node_id)
    keys = [key_text(bytes([number]) * 32) for number in range(1, 9)]

    def attempt(key):
        try:
            return complete(world, node_id, key)
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(attempt, keys))
    (winner,) = [key for key, outcome in zip(keys, outcomes, strict=True) if isinstance(outcome, dict)]
    assert outcomes.count("keys_rotate_no_pending_rotation") == 7
    assert world.one("SELECT public_key FROM nodes WHERE id = ?", node_id) == (winner,)
    assert world.one("SELECT max(generation), count(*) FROM psks WHERE node_id = ?", node_id) == (2, 2)


@each(
    "text",
    [
        "",
        key_text(bytes(32)),
        key_text(bytes(range(1, 32))),
        key_text(bytes(range(1, 34))),
        NEW_KEY.rstrip("="),
        NEW_KEY + "\n",
        key_text(b"\xff" * 32).replace("/", "_"),
        "é" * 44,
    ],
)
@each("pending", [True, False])
def test_a_malformed_key_is_refused_whether_a_rotation_is_pending_or_not(world, node_id, pending, text):
    if pending:
        trigger(world, node_id)
    bearer = world.bearer(node_id)
    refusal = refused_unchanged(
        world, lambda: key_rotation.complete(world.control, bearer, lambda: {"new_public_key": text}, None)
    )
    assert refusal.code == "keys_rotate_public_key_invalid"


def test_a_missing_key_is_an_invalid_one(world, node_id):
    refusal = refused_unchanged(world, lambda: key_rotation.complete(world.control, world.bearer(node_id), dict, None))
    assert refusal.code == "keys_rotate_public_key_invalid"


@pytest.mark.parametrize("body", [{"new_public_key": 7}, {"new_public_key": None}, {"new_public_key": "x", "more": 1}])
def test_what_is_no_completion_is_malformed(world, node_id, body):
    refusal = refused_unchanged(
        world, lambda: key_rotation.complete(world.control, world.bearer(node_id), lambda: body, None)
    )
    assert refusal.code == "malformed_keys_rotate_request"


def test_a_node_without_a_peer_is_told_after_its_key_was_checked(world):
    waiting = world.node("10.50.0.9", anchored=False)
    assert refused_unchanged(world, lambda: complete(world, waiting)).code == "keys_rotate_peer_not_found"
    refusal = refused_unchanged(world, lambda: complete(world, waiting, key_text(bytes(32))))
    assert refusal.code == "keys_rotate_public_key_invalid"


def test_the_caller_is_known_before_its_body_is_read(world):
    def unread():
        raise AssertionError("the body was read before the caller was known")

    for bearer, code in ((None, "unauthorized"), ("nsk_dev_x", "nsk_invalid")):
        refusal = refused_unchanged(world, lambda who=bearer: key_rotation.complete(world.control, who, unread, None))
        assert refusal.code == code
