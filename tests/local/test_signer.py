import contextlib
import dataclasses
import logging
import os
import re
import subprocess
import sys

import grpc
import pytest

from plexctl import grammar
from plexctl.identifiers import uuid7
from plexctl.local.control.base.transaction import Settings
from plexctl.local.control.signing import keys
from plexctl.local.vault import Vault
from plexctl.signing.v1 import signing_pb2 as messages
from tests.command import inherited
from tests.local.signer_client import SignerClient, refused
from tests.waiting import PATIENCE_SECONDS

NOT_AUTHENTICATED = ("UNAUTHENTICATED", "signing: caller not authenticated")
NOT_PERMITTED = ("PERMISSION_DENIED", "signing: caller not permitted")
UNAVAILABLE = ("UNAVAILABLE", "signing: key provider unavailable")


def calls(signer, scope, **options):
    return (
        lambda: signer.open(scope, "k2", **options),
        lambda: signer.shut(scope, "k1", "k2", **options),
        lambda: signer.sign(scope, **options),
        lambda: signer.public_key(scope, "k1", **options),
    )


def test_no_or_an_unknown_bearer_is_not_authenticated_whatever_it_asks(signer, world):
    before = world.content()
    for bearer in (None, "unknown", world.bearer(world.node("10.50.0.1", anchored=False))):
        before = world.content()
        for scope in (world.scope, "no scope at all"):
            for call in calls(signer, scope, bearer=bearer):
                with refused(*NOT_AUTHENTICATED):
                    call()
    assert world.content() == before


@pytest.mark.parametrize("name", ["viewer", "outsider"])
def test_only_an_admin_is_permitted_and_denial_comes_before_existence(signer, world, name):
    before = world.content()
    for scope in ("platform", world.scope, f"domain:{uuid7()}"):
        for call in calls(signer, scope, bearer=world.bearers[name]):
            with refused(*NOT_PERMITTED):
                call()
    assert world.content() == before


def test_a_public_key_comes_from_memory_until_its_scope_changes(signer, world):
    read = [signer.public_key(world.scope, "k1") for _ in range(2)]
    assert [answer.cached for answer in read] == [False, True]
    assert len(read[0].public_key) == 32
    assert read[0].public_key == read[1].public_key
    signer.public_key("platform", "k1")
    signer.open(world.scope, "k2")
    changed = signer.public_key(world.scope, "k1")
    assert (changed.cached, changed.state) == (False, messages.KEY_STATE_ROTATING)
    assert signer.public_key("platform", "k1").cached
    signer.shut(world.scope, "k1", "k2")
    assert signer.public_key(world.scope, "k1").state == messages.KEY_STATE_RETIRED
    assert signer.public_key(world.scope, "k1").cached


def test_memory_is_no_way_around_a_denial(signer, world):
    signer.public_key(world.scope, "k1")
    with refused(*NOT_PERMITTED):
        signer.public_key(world.scope, "k1", bearer=world.bearers["viewer"])


def test_a_key_that_the_vault_cannot_open_is_unavailable(signer, world):
    for wrapped in (b"\x00" * 60, b""):
        world.execute("UPDATE signing_keys SET private_wrapped = ?", wrapped)
        with refused(*UNAVAILABLE):
            signer.sign(world.scope)
    assert len(signer.public_key(world.scope, "k1").public_key) == 32


def test_a_scope_without_an_active_key_signs_nothing(signer, world):
    world.execute("UPDATE signing_keys SET state = 'retired'")
    with refused("NOT_FOUND", "signing: key not found"):
        signer.sign(world.scope)


def test_private_keys_are_nowhere_in_the_clear(world, tmp_path):
    control = dataclasses.replace(world.control, vault=Vault(os.urandom(32), lambda count: b"\xa5" * count))
    with control.write(None) as tx:
        tx.execute("UPDATE signing_keys SET state = 'retired' WHERE scope = 'platform'")
        keys.create_key(tx, "platform", "k2")
    control.store.close()
    assert b"\xa5" * 32 not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_request_id_is_echoed_and_logged_with_the_call_and_no_secret(signer, world, caplog):
    request = messages.SignRequest(scope=world.scope, canonical_bytes=b"private matters")
    metadata = (("authorization", f"Bearer {world.bearers['admin']}"), ("x-request-id", "lesson-7"))
    with caplog.at_level(logging.INFO, "plexctl.local.signer"):
        _, call = signer.with_call("Sign", request, metadata)
    assert ("x-request-id", "lesson-7") in call.initial_metadata()
    assert ("x-request-id", "lesson-7") in call.trailing_metadata()
    (record,) = caplog.records
    assert record.fields.pop("milliseconds") >= 0
    assert record.fields == {"request_id": "lesson-7", "method": "Sign", "status": "OK"}
    assert world.bearers["admin"] not in repr(record.__dict__)
    assert "private matters" not in repr(record.__dict__)


@pytest.mark.parametrize("given", ["", "two words", "x" * 129])
def test_a_call_without_a_sane_request_id_gets_one_on_refusals_too(signer, given):
    with pytest.raises(grpc.RpcError) as caught:
        signer.with_call("Sign", messages.SignRequest(), (("x-request-id", given),))
    metadata = {pair.key: pair.value for pair in caught.value.trailing_metadata()}
    assert len(metadata["x-request-id"]) == 36


def test_a_malfunction_is_internal_and_tells_the_log_alone(signer, world, caplog):
    world.execute("ALTER TABLE signing_keys RENAME TO secret_place")
    with pytest.raises(grpc.RpcError) as caught:
        signer.sign(world.scope)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    details = caught.value.details() or ""
    assert details.startswith("signing: internal error")
    assert "signing_keys" not in details
    assert "no such table" in caplog.text


TAKE_A_PORT_TWICE = """
from types import SimpleNamespace
from plexctl.local.control.base.health import Health
from plexctl.local.plane_error import PlaneError
from plexctl.local.signer import start_signer
from tests.waiting import PATIENCE_SECONDS
control = SimpleNamespace(health=Health())
first, port = start_signer(control, 0, None)
try:
    start_signer(control, port, None)
except PlaneError as error:
    print(error, end="")
first.stop(None).wait()
"""


def test_a_port_in_use_is_an_error_and_grpc_adds_nothing_to_it():
    child = subprocess.run(
        [sys.executable, "-c", TAKE_A_PORT_TWICE],
        env=inherited(),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    advice = "choose another with --signer-port; 0 means any free port"
    assert re.fullmatch(rf"the signer cannot listen on 127.0.0.1:\d+; {advice}", child.stdout)
    assert child.stderr == ""


def test_the_longest_overlap_window_that_can_be_asked_for_fits_a_timestamp(world):
    settings = Settings(overlap_window_us=grammar.LONGEST_DURATION_NS // 1000)
    signer = SignerClient(dataclasses.replace(world.control, settings=settings), world.bearers["admin"])
    with contextlib.closing(signer):
        answer = signer.open(world.scope, "k2")
    assert answer.closes_at.ToMicroseconds() - answer.opened_at.ToMicroseconds() == settings.overlap_window_us
