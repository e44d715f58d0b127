import subprocess
import sys

import pytest

from plexctl.local.control.worker import deliver_due
from tests.local.database import rows, value
from tests.local.registering import open_plane

HALF_REDEEMED = """
  SELECT * FROM bootstrap_tokens AS token LEFT JOIN nodes ON token_id = token.id
  WHERE (consumed_at IS NULL) <> (nodes.id IS NULL)
"""


@pytest.fixture
def killed(tmp_path, request):
    """Open the plane of a process that was killed after it had answered some registrations, and give their Nodes."""
    command = [sys.executable, "-m", "tests.local.registering", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        answered = [process.stdout.readline() for _ in range(request.param)]
        process.kill()
        answered += process.stdout.readlines()
    assert process.returncode == -9
    control = open_plane(tmp_path)
    yield control, {line.strip() for line in answered}
    control.store.close()


@pytest.mark.parametrize("killed", [1, 10, 60], indirect=True)
def test_a_kill_leaves_whole_nodes_or_none(killed):
    control, answered = killed
    nodes = {node_id for (node_id,) in rows(control, "SELECT id FROM nodes")}
    assert answered <= nodes
    assert rows(control, HALF_REDEEMED) == []
    assert rows(control, "SELECT * FROM resources WHERE id NOT IN (SELECT resource_id FROM nodes)") == []
    promised = rows(control, "SELECT payload ->> 'node_id' FROM outbox WHERE kind = 'node_registered'")
    assert sorted(promised) == sorted((node_id,) for node_id in nodes)
    assert value(control, "PRAGMA integrity_check") == "ok"


@pytest.mark.parametrize("killed", [5], indirect=True)
def test_a_plane_started_again_anchors_what_the_killed_one_promised(killed):
    control, _ = killed
    deliver_due(control)
    assert rows(control, "SELECT id FROM nodes EXCEPT SELECT node_id FROM peers") == []
    assert rows(control, "SELECT * FROM outbox WHERE delivered_at IS NULL") == []
