"""A fleet and its plane, killed in the middle of their work, lose nothing and leave nothing."""

import pytest

from plexctl.local import node_keys
from tests.local.database import rows
from tests.local.fleet.fleets import check_whole, files, fleet
from tests.local.separate import separate_plane
from tests.local.wholeness import find_broken
from tests.long_mode import pick
from tests.waiting import eventually

NODES = pick(10, 20)
KILLED_AFTER = pick((5,), range(1, NODES))
COMPLETED = "SELECT count(*) FROM mesh_key_rotations WHERE completed_at IS NOT NULL"
KEYS = "SELECT id, public_key FROM nodes"


@pytest.fixture
def project_id(plane):
    return plane.project("fleet", plane.domain("fleet", "10.77.0.0/16"))


def test_no_node_is_left_without_its_agent(plexctl, plane, project_id):
    directory = plane.plane.data_dir
    line = f"--project {project_id} --nodes {NODES} --interval 100ms"
    for after in KILLED_AFTER:
        with fleet(plexctl, directory, line) as running:
            _until(plane, "SELECT count(*) FROM nodes", after)
            running.kill()

    with fleet(plexctl, directory, line) as running:
        running.until_complete()
        check_whole(plane.admin, project_id, directory, NODES)


def test_no_rotation_is_lost(plexctl, plane, project_id):
    directory = plane.plane.data_dir
    line = f"--project {project_id} --nodes {NODES} --interval 100ms"
    for before, after in enumerate(KILLED_AFTER):
        with fleet(plexctl, directory, line) as running:
            running.until_complete()
            for node in files(directory):
                assert plane.admin.post(f"/v1/nodes/{node.node_id}/keys/rotate").is_success
            _until(plane, COMPLETED, before * NODES + after)
            running.kill()

        with fleet(plexctl, directory, line):
            _until(plane, COMPLETED, (before + 1) * NODES)
            eventually(lambda: _noted(directory) == dict(rows(plane.control, KEYS)))


def _until(plane, count, least):
    eventually(lambda: rows(plane.control, count), lambda found: found[0][0] >= least)


def _noted(directory):
    """The public keys of the Nodes as their agents know them."""
    kept = files(directory)
    assert kept
    return {node.node_id: node_keys.public_key(node.private_key) for node in kept}


@pytest.mark.parametrize("after", KILLED_AFTER)
def test_a_plane_that_is_killed_is_waited_for(plexctl, tmp_path, after):
    directory = tmp_path / "plane"
    with separate_plane(directory) as victim:
        project_id = victim.project("fleet")
        line = f"--project {project_id} --nodes {NODES} --interval 100ms"
        with fleet(plexctl, directory, line) as running:
            eventually(lambda: victim.rows("SELECT count(*) FROM nodes")[0][0] >= after)
            victim.kill()
            with separate_plane(directory) as heir:
                running.until_complete()
                check_whole(heir.admin, project_id, directory, NODES)
                for node in files(directory):
                    assert heir.admin.post(f"/v1/nodes/{node.node_id}/keys/rotate").is_success
                heir.kill()
            with separate_plane(directory) as last:
                eventually(lambda: last.rows(COMPLETED), lambda found: found == [(NODES,)])
                eventually(lambda: _noted(directory) == dict(last.rows(KEYS)))
                assert running.end()[0] == 130
                last.settled()
            assert find_broken(directory, is_settled=True) == {}
