import dataclasses
import itertools

import pytest

from plexctl.local.control.base.relations import VIEWER, Platform
from plexctl.local.control.mesh.deliveries import NodeRegistered
from tests.local.database import rows


@pytest.fixture
def ticking(seeded):
    """Give the plane a clock that shows another microsecond whenever it is read."""
    instants = itertools.count(1_780_000_000_000_000)
    seeded.control = dataclasses.replace(seeded.control, clock=lambda: next(instants))


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize("begin", ["read", "write"])
def test_a_transaction_has_one_instant(seeded, begin):
    with getattr(seeded.control, begin)(None) as first:
        assert first.now == first.now
    with getattr(seeded.control, begin)(None) as second:
        assert second.now == first.now + 1


@pytest.mark.usefixtures("ticking")
def test_a_registration_has_one_instant(seeded):
    node = seeded.enrol(seeded.project())
    ((consumed_at,),) = rows(seeded.control, "SELECT consumed_at FROM bootstrap_tokens")
    registered = rows(seeded.control, "SELECT registered_at, last_contact_at FROM nodes")
    assert registered == [(consumed_at, consumed_at)]
    for table in ("resources", "outbox"):
        assert rows(seeded.control, f"SELECT created_at FROM {table}") == [(consumed_at,)]
    assert int(node["node_id"].replace("-", "")[:12], 16) == consumed_at // 1000


def test_an_id_carries_the_instant_of_its_transaction(control, clock):
    with control.write(None) as tx:
        clock.advance(5_000_000)
        assert int(tx.new_id().replace("-", "")[:12], 16) == tx.now // 1000


def test_a_transaction_that_only_reads_promises_nothing(seeded):
    with seeded.control.read(None) as tx, pytest.raises(TypeError, match="cannot promise node_registered"):
        tx.promise(NodeRegistered("a Node"))
    assert rows(seeded.control, "SELECT * FROM outbox") == []


def test_only_an_operator_can_be_asked_for_a_relation(control):
    with control.read(None) as tx, pytest.raises(TypeError, match="only an operator"):
        tx.require(VIEWER, Platform())


def test_a_transaction_has_six_public_members(control):
    with control.read(None) as tx:
        public = {name for name in dir(tx) if not name.startswith("_")}
    assert public == {"now", "new_id", "execute", "vault", "require", "promise"}


def test_what_is_promised_waits_for_its_response(seeded):
    response = seeded.control.responses.open()
    with seeded.control.write(None, response) as tx:
        tx.promise(NodeRegistered("a Node"))
    ((row,),) = rows(seeded.control, "SELECT id FROM outbox")
    assert seeded.control.responses.is_held(row)
    seeded.control.responses.close(response)
    assert not seeded.control.responses.is_held(row)
