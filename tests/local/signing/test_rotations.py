import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from plexctl.identifiers import uuid7
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.signing import keys
from plexctl.local.control.worker import deliver_due
from plexctl.local.store import Store
from tests.local.database import TOLD
from tests.local.signer_client import SignerClient, refused

DAY = 24 * 3600 * 1_000_000
IN_PROGRESS = ("FAILED_PRECONDITION", "signing: rotation in progress")
RETIRED = ("FAILED_PRECONDITION", "signing: key retired")
NO_OPEN_ROTATION = ("FAILED_PRECONDITION", "signing: no open rotation")
INVARIANT = ("INVALID_ARGUMENT", "signing: invariant violation")
NOT_FOUND = ("NOT_FOUND", "signing: key not found")
MISMATCH = ("NOT_FOUND", "signing: scope mismatch")


def verifies(signer, scope, key_id, signature, message=b"an event"):
    public_key = signer.public_key(scope, key_id).public_key
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    return True


@pytest.fixture(params=["platform", "domain"])
def scope(request, world):
    return world.scope if request.param == "domain" else "platform"


@pytest.fixture
def unchanged(world):
    """See that a refused call has left every row as it was."""
    before = world.content()
    yield
    assert world.content() == before


@pytest.fixture
def unchanged_after_open(signer, scope, world):
    signer.open(scope, "k2")
    before = world.content()
    yield
    assert world.content() == before


def test_a_rotation_opens_with_its_window(signer, scope, clock):
    answer = signer.open(scope, "k2")
    assert (answer.old_key_id, answer.new_key_id) == ("k1", "k2")
    assert answer.opened_at.ToMicroseconds() == clock.time
    assert answer.closes_at.ToMicroseconds() == clock.time + DAY
    assert (signer.state(scope, "k1"), signer.state(scope, "k2")) == ("rotating", "active")
    assert signer.wakes == 1


def test_nothing_happens_at_closes_at(signer, world, scope, clock):
    signer.open(scope, "k2")
    before = world.content()
    for instant in (DAY, 400 * DAY):
        clock.advance(instant)
        assert (signer.state(scope, "k1"), signer.state(scope, "k2")) == ("rotating", "active")
        for key_id in ("k1", "k2"):
            assert verifies(signer, scope, key_id, signer.sign(scope, key_id).signature)
        with refused(*IN_PROGRESS):
            signer.open(scope, "k3")
    assert world.content() == before
    signer.shut(scope, "k1", "k2")
    assert signer.state(scope, "k1") == "retired"


def test_during_the_overlap_fresh_signatures_use_the_new_key_and_both_verify(signer, scope):
    before = signer.sign(scope)
    signer.open(scope, "k2")
    fresh, named = signer.sign(scope), signer.sign(scope, "k1")
    assert (before.key_id, fresh.key_id, named.key_id) == ("k1", "k2", "k1")
    assert verifies(signer, scope, "k1", before.signature)
    assert verifies(signer, scope, "k2", fresh.signature)
    assert verifies(signer, scope, "k1", named.signature)


def test_new_nodes_get_the_key_that_fresh_signatures_use(signer, world):
    signer.open(world.scope, "k2")
    with world.control.read(None) as tx:
        key = keys.current_key(tx, world.scope)
    assert (key["key_id"], key["public_key"]) == ("k2", signer.public_key(world.scope, "k2").public_key)


def test_closing_retires_the_old_key_and_leaves_the_new_one_active(signer, scope, clock, world):
    signer.open(scope, "k2")
    signature = signer.sign(scope, "k1").signature
    clock.advance(1)
    signer.shut(scope, "k1", "k2")
    assert (signer.state(scope, "k1"), signer.state(scope, "k2")) == ("retired", "active")
    assert verifies(signer, scope, "k1", signature)
    assert world.one("SELECT retired_at FROM signing_keys WHERE state = 'retired'") == (clock.time,)
    with refused(*RETIRED):
        signer.sign(scope, "k1")
    assert signer.sign(scope, "k2").key_id == signer.sign(scope).key_id == "k2"


def test_scopes_rotate_apart(signer, world):
    signer.open(world.scope, "k2")
    assert signer.sign("platform").key_id == "k1"
    assert signer.open("platform", "k2").old_key_id == "k1"
    signer.shut("platform", "k1", "k2")
    assert signer.state(world.scope, "k1") == "rotating"


def test_an_upper_case_domain_id_is_the_same_scope(signer, world):
    signer.public_key(world.scope, "k1")
    signer.open(f"domain:{world.domain_id.upper()}", "k2")
    assert signer.state(world.scope, "k1") == "rotating"


@pytest.mark.usefixtures("unchanged_after_open")
def test_a_second_rotation_waits_for_the_first_whatever_its_key_id(signer, scope, clock):
    for new_key_id in ("k3", "k2", "k1"):
        with refused(*IN_PROGRESS):
            signer.open(scope, new_key_id)
    clock.advance(2 * DAY)
    with refused(*IN_PROGRESS):
        signer.open(scope, "k3")


def test_an_overdue_rotation_can_still_be_closed(signer, scope, clock):
    signer.open(scope, "k2")
    clock.advance(2 * DAY)
    assert signer.state(scope, "k1") == "rotating"
    signer.shut(scope, "k1", "k2")
    assert signer.open(scope, "k3").old_key_id == "k2"


@pytest.mark.usefixtures("unchanged")
def test_the_active_keys_id_is_not_new(signer, scope):
    with refused(*INVARIANT):
        signer.open(scope, "k1")


def test_a_retired_key_never_returns(signer, scope, world):
    signer.open(scope, "k2")
    signer.shut(scope, "k1", "k2")
    before = world.content()
    with refused(*RETIRED):
        signer.open(scope, "k1")
    assert world.content() == before


@pytest.mark.usefixtures("unchanged")
def test_closing_needs_an_open_rotation_before_it_looks_at_ids(signer, scope):
    for old, new in (("k1", "k2"), ("nowhere", "k9")):
        with refused(*NO_OPEN_ROTATION):
            signer.shut(scope, old, new)


@pytest.mark.usefixtures("unchanged_after_open")
def test_closing_needs_both_ids_right(signer, scope):
    for old, new in (("k2", "k1"), ("k1", "k1"), ("k2", "k2"), ("k1", "k9"), ("k9", "k2")):
        with refused(*NOT_FOUND):
            signer.shut(scope, old, new)


def test_a_key_of_another_scope_is_a_mismatch(signer, world):
    signer.open(world.scope, "domain-key")
    signer.open("platform", "platform-key")
    before = world.content()
    for call in (
        lambda: signer.shut(world.scope, "k1", "platform-key"),
        lambda: signer.shut(world.scope, "platform-key", "domain-key"),
        lambda: signer.sign("platform", "domain-key"),
        lambda: signer.public_key("platform", "domain-key"),
    ):
        with refused(*MISMATCH):
            call()
    assert world.content() == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("key_id", ["", "k 2", "k/2", "k2\n", "ключ", "k%32"])
def test_a_malformed_key_id_violates_an_invariant(signer, scope, key_id):
    calls = [
        lambda: signer.open(scope, key_id),
        lambda: signer.shut(scope, key_id, "k2"),
        lambda: signer.shut(scope, "k1", key_id),
        lambda: signer.public_key(scope, key_id),
    ]
    if key_id:
        calls.append(lambda: signer.sign(scope, key_id))
    for call in calls:
        with refused(*INVARIANT):
            call()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "scope", ["", "Platform", "platform ", "domain:", "domain:acme", "019ed19b-68dc-7aa9-8995-80e810444cce"]
)
def test_a_malformed_scope_violates_an_invariant(signer, scope):
    for call in (
        lambda: signer.open(scope, "k2"),
        lambda: signer.shut(scope, "k1", "k2"),
        lambda: signer.sign(scope),
        lambda: signer.public_key(scope, "k1"),
    ):
        with refused(*INVARIANT):
            call()


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_domain_has_no_key(signer):
    unknown = f"domain:{uuid7()}"
    for call in (
        lambda: signer.open(unknown, "k2"),
        lambda: signer.shut(unknown, "k1", "k2"),
        lambda: signer.sign(unknown),
        lambda: signer.public_key(unknown, "k1"),
    ):
        with refused(*NOT_FOUND):
            call()


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_key_is_not_found(signer, scope):
    for call in (lambda: signer.sign(scope, "k9"), lambda: signer.public_key(scope, "k9")):
        with refused(*NOT_FOUND):
            call()


def test_rotations_opened_at_once_have_one_winner(signer, scope, world):
    def attempt(number):
        try:
            return signer.open(scope, f"k{number}").new_key_id
        except grpc.RpcError as error:
            return error.code().name, error.details()

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(attempt, range(2, 10)))
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert outcomes.count(IN_PROGRESS) == 7
    assert signer.sign(scope).key_id == winner
    assert world.one("SELECT count(*) FROM signing_keys WHERE scope = ?", scope) == (2,)


def test_every_node_in_scope_is_told_once(signer, world, clock):
    here = sorted([world.node("10.50.0.1"), world.node("10.50.0.2", anchored=False)])
    there = world.node("10.60.0.1", domain_id=world.other_domain_id)
    signer.open(world.scope, "k2")
    signer.open("platform", "platform-2")
    deliver_due(world.control)
    deliver_due(world.control)
    rows = world.all(f"SELECT node_id, payload FROM ({TOLD}) WHERE kind = 'signing_key_rotated' ORDER BY node_id")
    told: dict[str, list[str]] = {}
    for node_id, payload in rows:
        told.setdefault(json.loads(payload)["scope"], []).append(node_id)
    assert told == {world.scope: here, "platform": sorted([*here, there])}
    event = json.loads(next(payload for _, payload in rows if world.scope in payload))
    assert (event["old_key_id"], event["new_key_id"]) == ("k1", "k2")
    assert (event["opened_at"], event["closes_at"]) == (to_wire(clock.time), to_wire(clock.time + DAY))


def test_a_rotation_survives_a_restart(world, signer, scope):
    signer.open(scope, "k2")
    world.control.store.close()
    again = dataclasses.replace(world.control, store=Store(world.control.store.path))
    try:
        restarted = SignerClient(again, world.bearers["admin"])
        try:
            assert restarted.sign(scope).key_id == "k2"
            with refused(*IN_PROGRESS):
                restarted.open(scope, "k3")
            restarted.shut(scope, "k1", "k2")
            assert restarted.state(scope, "k1") == "retired"
        finally:
            restarted.close()
    finally:
        again.store.close()


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ("saas", "SaaS deployments require per-Domain keys"),
        ("selfhosted-multi", "multi-Domain installations require per-Domain keys"),
    ],
)
def test_a_profile_with_domains_of_their_own_refuses_the_platform_scope(world, profile, reason):
    settings = dataclasses.replace(world.control.settings, deployment_profile=profile)
    control = dataclasses.replace(world.control, settings=settings)
    signer = SignerClient(control, world.bearers["admin"])
    before = world.content()
    try:
        for call in (
            lambda: signer.open("platform", "k2"),
            lambda: signer.shut("platform", "k1", "k2"),
            lambda: signer.sign("platform"),
            lambda: signer.public_key("platform", "k1"),
        ):
            with refused(
                "INVALID_ARGUMENT", f'signing scope "platform" not permitted in profile "{profile}": {reason}'
            ):
                call()
        assert world.content() == before
        assert signer.open(world.scope, "k2").new_key_id == "k2"
    finally:
        signer.close()
