import base64
from uuid import UUID

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.mesh import deregistration, node_secret, nodes


def authenticate(control, bearer):
    with control.read(None) as tx:
        return node_secret.authenticate(tx, bearer)


def code(world, bearer):
    with pytest.raises(Refusal) as refused:
        authenticate(world.control, bearer)
    return refused.value.code


@pytest.mark.parametrize("env", ["dev", "prod", "a", "x" * 100])
def test_any_env_names_the_node(world, env):
    node_id = world.node("10.50.0.1")
    bearer = world.bearer(node_id).replace("nsk_dev_", f"nsk_{env}_")
    assert authenticate(world.control, bearer)["id"] == node_id


def test_a_secret_that_holds_the_separator_is_read(world):
    secret = base64.urlsafe_b64decode("_-_-" * 10 + "_-8=")
    node_id = world.node("10.50.0.1")
    wrapped = world.control.vault.wrap(world.domain_id, node_secret.label(node_id), secret[:32])
    world.execute("UPDATE nodes SET nsk_wrapped = ?", wrapped)
    assert authenticate(world.control, world.bearer(node_id, secret[:32]))["id"] == node_id


def test_no_bearer_is_unauthorized():
    with pytest.raises(Refusal) as refused:
        node_secret.required(None)
    assert refused.value.code == "unauthorized"


def test_what_is_no_nodes_secret_is_invalid(world):
    node_id = world.node("10.50.0.1")
    good = world.bearer(node_id)
    for bearer in (
        "",
        "admin-bearer",
        good.upper(),
        good.replace("nsk_dev_", "nsk__"),
        good.replace("nsk_dev_", "nsk_d3v_"),
        good.replace("nsk_dev_", "psb_dev_"),
        good + "=",
        good + "A",
        good[:-1],
        good[:-1] + "+",
        good + "\n",
        world.bearer(node_id, b"\x00" * 32),
        world.bearer(uuid7(), world.secret("10.50.0.1")),
        "nsk_dev_" + base64.urlsafe_b64encode(UUID(int=0).bytes + bytes(32)).decode(),
    ):
        assert code(world, bearer) == "nsk_invalid", bearer


def test_a_revoked_secret_says_so_to_its_holder_alone(world):
    node_id = world.node("10.50.0.1")
    bearer, guessed = world.bearer(node_id), world.bearer(node_id, bytes(32))
    with world.control.write(None) as tx:
        deregistration.deregister(tx, nodes.itself(tx, node_id, reasons.NODE_NOT_FOUND))
    assert code(world, bearer) == "nsk_revoked"
    assert code(world, guessed) == "nsk_invalid"
