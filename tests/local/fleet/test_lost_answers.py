"""What a run of a fleet finds where the run before was killed before it had its answer."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from plexctl.local import node_keys
from plexctl.local.fleet import enrolment, folder
from plexctl.local.fleet.api import Api
from plexctl.local.fleet.operator import Operator
from plexctl.local.fleet.secrets import Secrets
from tests.local.database import rows
from tests.local.fleet.fleets import check_whole, files, fleet
from tests.plane import created, refused
from tests.waiting import eventually


@pytest.fixture
def project_id(plane):
    return plane.project("fleet")


def _run(plexctl, plane, project_id, nodes):
    directory = plane.plane.data_dir
    with fleet(plexctl, directory, f"--project {project_id} --nodes {nodes} --interval 100ms") as running:
        running.until_complete()
        assert running.end()[0] == 130
    check_whole(plane.admin, project_id, directory, nodes)
    return files(directory)


def _write(plane, project_id, node):
    with folder.locked(plane.plane.data_dir) as held:
        held.write(project_id, node)


def test_a_node_whose_secret_never_arrived_makes_way_for_another(plexctl, plane, project_id):
    _write(plane, project_id, node := Secrets.new(1))
    token = plane.token(project_id, env_prefix="fleet")
    key = node_keys.public_key(node.private_key)
    body = plane.registration(project_id, token, resource_handle=node.handle, public_key=key)
    lost = created(plane.nobody.post("/v1/register", json=body))["node_id"]
    plane.token(project_id, env_prefix="fleet")  # whose answer was lost as well

    (found,) = _run(plexctl, plane, project_id, 1)

    assert found.number == 1
    assert found.node_id != lost


def test_a_registration_that_arrives_late_is_refused(plane, project_id):
    _write(plane, project_id, node := Secrets.new(1))
    token = plane.token(project_id, env_prefix="fleet")
    body = plane.registration(project_id, token, resource_handle=node.handle)
    answers = []

    class Slow(Operator):
        async def remove_resources(self, handles):
            await super().remove_resources(handles)
            answers.append(plane.nobody.post("/v1/register", json=body))

    async def resumed():
        async with contextlib.aclosing(Api(lambda: plane.url)) as api:
            return await enrolment.resume(Slow(api, plane.bearers["admin"], project_id), held, project_id)

    with folder.locked(plane.plane.data_dir) as held:
        assert asyncio.run(resumed()) == {}
    refused(answers[0], 403, "token_revoked")


def test_a_registration_that_was_never_sent_leaves_nothing(plexctl, plane, project_id):
    _write(plane, project_id, Secrets.new(7))
    assert [node.number for node in _run(plexctl, plane, project_id, 2)] == [1, 2]


def test_machines_and_tokens_of_others_are_left_alone(plexctl, plane, project_id):
    token = plane.token(project_id)
    plane.resource(project_id, external_ref="fleet-0001")
    with fleet(plexctl, plane.plane.data_dir, f"--project {project_id} --nodes 1 --interval 100ms") as running:
        running.until_complete()
        assert running.end()[0] == 130
    body = plane.registration(project_id, token, resource_handle="fleet-0001")
    created(plane.nobody.post("/v1/register", json=body))


@pytest.fixture
def rotating(plexctl, plane, project_id):
    """A Node that has noted its next key."""
    (node,) = _run(plexctl, plane, project_id, 1)
    node = replace(node, next_private_key=node_keys.new_private_key())
    _write(plane, project_id, node)
    return node


def _request(plane, node):
    assert plane.admin.post(f"/v1/nodes/{node.node_id}/keys/rotate").is_success


def _complete(plane, node):
    body = {"new_public_key": node_keys.public_key(node.next_private_key)}
    assert plane.client(node.bearer).post("/v1/keys/rotate", json=body).is_success


def test_a_rotation_is_completed_with_the_key_that_was_noted(plexctl, plane, project_id, rotating):
    _request(plane, rotating)
    (found,) = _run(plexctl, plane, project_id, 1)
    assert found == replace(rotating, private_key=rotating.next_private_key, next_private_key="")


def test_a_rotation_whose_answer_was_lost_is_complete(plexctl, plane, project_id, rotating):
    _request(plane, rotating)
    _complete(plane, rotating)
    (found,) = _run(plexctl, plane, project_id, 1)
    assert found == replace(rotating, private_key=rotating.next_private_key, next_private_key="")


def test_another_rotation_after_the_lost_answer_gets_another_key(plexctl, plane, project_id, rotating):
    _request(plane, rotating)
    _complete(plane, rotating)
    _request(plane, rotating)
    line = f"--project {project_id} --nodes 1 --interval 100ms"
    with fleet(plexctl, plane.plane.data_dir, line):
        noted = {rotating.private_key, rotating.next_private_key}
        (found,) = eventually(
            lambda: files(plane.plane.data_dir),
            lambda nodes: nodes[0].private_key not in noted and not nodes[0].next_private_key,
        )
    ((key,),) = rows(plane.control, "SELECT public_key FROM nodes")
    assert key == node_keys.public_key(found.private_key)


def test_a_key_that_nobody_asks_for_is_dropped(plexctl, plane, project_id, rotating):
    (found,) = _run(plexctl, plane, project_id, 1)
    assert found == replace(rotating, next_private_key="")


def test_a_file_that_is_damaged_or_open_to_others_ends_the_fleet(plexctl, plane, project_id):
    _run(plexctl, plane, project_id, 1)
    line = f"local fleet --project {project_id} --nodes 1 --data-dir"
    (path,) = (plane.plane.data_dir / "fleet").iterdir()
    path.chmod(0o644)
    assert "others can read it" in plexctl(line, plane.plane.data_dir).stderr
    path.chmod(0o600)
    path.write_text('{"number": ')
    outcome = plexctl(line, plane.plane.data_dir)
    assert outcome.code == 1
    assert "Damaged Fleet" in outcome.stderr
