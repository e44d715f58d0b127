"""Many Nodes follow their events while every mesh key and the signing key are rotated: each hears all, once."""

from collections import Counter
from contextlib import ExitStack

import pytest

from tests.local.agent import Machine, following, take, verified
from tests.long_mode import pick
from tests.plane import live_plane

NODES = pick(15, 200)


@pytest.fixture
def eventful(tmp_path):
    with live_plane(tmp_path / "plane", events=True) as running:
        yield running


def test_no_rotation_is_missed_by_any_node(eventful, plexctl):
    plane = eventful
    domain_id = plane.domain("many", "10.77.0.0/16")
    project_id = plane.project("many", domain_id)
    machines = [Machine(plane, plane.enrol(project_id)) for _ in range(NODES)]
    plane.anchored(domain_id, NODES)
    scope = f"--scope domain:{domain_id}"
    plexctl.environment |= {
        "PLEXSPHERE_SIGNER_ENDPOINT": plane.signer_endpoint,
        "PLEXSPHERE_TOKEN": plane.bearers["admin"],
    }
    with ExitStack() as streams:
        lines = [streams.enter_context(following(plane, machine.registered)) for machine in machines]
        for machine in machines:
            machine.rotate()
        assert plexctl(f"signing rotate {scope} --new-key-id k2").code == 0
        for machine in machines:
            machine.rotate()
        # its own two requests, two rotations of each other Node, and one announcement
        heard = [take(stream, 2 + 2 * (NODES - 1) + 1) for stream in lines]

    ids = {machine.id for machine in machines}
    for machine, frames in zip(machines, heard, strict=True):
        assert len({frame.id for frame in frames}) == len(frames), "no event comes twice"
        kinds = Counter(frame.event for frame in frames)
        assert kinds == {"rotate_keys": 2, "peer_key_rotated": 2 * (NODES - 1), "signing_key_rotated": 1}
        rotated = Counter(frame.data["payload"]["node_id"] for frame in frames if frame.event == "peer_key_rotated")
        assert rotated == dict.fromkeys(ids - {machine.id}, 2)
        check_signatures(machine, frames)


def check_signatures(machine, frames):
    """Each verifies with a key that its Node knows by then: the first one, and the one announced by that."""
    keys = {machine.registered["signing_key_id"]: machine.registered["signing_public_key"]}
    for frame in frames:
        assert verified(frame.data, keys[frame.data["key_id"]])
        if frame.event == "signing_key_rotated":
            payload = frame.data["payload"]
            keys[payload["key_id"]] = payload["public_key"]
    assert len(keys) == 2
