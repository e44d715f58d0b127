"""A wall clock that steps takes no rights away, changes no order, and holds nothing up."""

import base64
import dataclasses
import functools
import itertools
import os
import re
import subprocess
import sys
from contextlib import contextmanager

import pytest

from plexctl.local.control.base import outbox
from plexctl.local.control.base.schedule import Schedule
from plexctl.local.control.base.transaction import Settings
from plexctl.local.control.enrolment import tokens
from plexctl.local.control.mesh import key_rotation
from plexctl.local.control.mesh.deliveries import NodeRegistered
from plexctl.local.control.mesh.key_rotation import RotateKeys
from plexctl.local.control.tenancy import domains, projects
from plexctl.local.control.worker import deliver_due
from plexctl.local.plane import Plane
from plexctl.local.sources import Sources
from tests.local import clock_steps
from tests.local.clock_steps import DAY, SECOND
from tests.long_mode import pick
from tests.pages import ROOT
from tests.plane import Clock, LivePlane
from tests.waiting import PATIENCE_SECONDS

HOUR = 3600 * SECOND
STEPS = pytest.mark.parametrize("step", [-SECOND, -2 * HOUR, 400 * DAY, -400 * DAY])
WINGS = [f"tests/local/{wing}" for wing in pick(("mesh",), ("base", "enrolment", "mesh", "tenancy", "signing"))]


@contextmanager
def running(data_dir, clock):
    """Run a plane by that clock."""
    plane = Plane(data_dir, Settings(cheap_hashes=True), Sources(clock, os.urandom))
    plane.start()
    try:
        live = LivePlane(plane, clock)
        yield live
        live.close()
    finally:
        plane.stop()


@pytest.mark.parametrize("name", pick(list(clock_steps.STEPS)[-1:], list(clock_steps.STEPS)))
def test_the_rules_hold_under_a_clock_that_steps(name):
    options = ["-o", "addopts=-q", "--assert=plain", "-p", "tests.local.clock_steps", "--ignore", __file__]
    command = [sys.executable, "-m", "pytest", *options, *WINGS]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "CLOCK_STEP": name, "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=10 * PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    assert int(passed) > pick(40, 300)


@STEPS
def test_a_grant_without_a_delay_is_effective_whatever_the_clock_does(seeded, clock, step):
    project_id = seeded.project()
    clock.advance(step)
    assert projects.get(seeded.control, seeded.admin, project_id)["id"] == project_id
    assert len(domains.list_page(seeded.control, seeded.viewer, 50, None)["items"]) == 3


@STEPS
def test_tokens_are_listed_in_the_order_of_issue(seeded, project_id, clock, step):
    issued = []
    for _ in range(5):
        issued.append(seeded.issue(project_id)["token_id"])
        clock.advance(step)
    listed, cursor = [], None
    for _ in range(3):
        page = tokens.list_page(seeded.control, seeded.viewer, project_id, 2, cursor)
        listed += [item["id"] for item in page["items"]]
        cursor = page.get("next_cursor")
    assert listed == issued


@STEPS
def test_the_last_rotation_is_the_one_completed_last(world, clock, step):
    node_id = world.node("10.50.0.1")
    bearer = world.bearer(node_id)
    for number in (1, 2):
        rotation_id = key_rotation.trigger(world.control, world.admin, node_id, None)["rotation_id"]
        body = {"new_public_key": base64.b64encode(bytes([number]) * 32).decode()}
        receipt = key_rotation.complete(world.control, bearer, functools.partial(dict, body), None)
        assert receipt["rotation_id"] == rotation_id
        clock.advance(step)
    assert key_rotation.complete(world.control, bearer, lambda: body, None) == receipt


@STEPS
def test_events_are_delivered_in_the_order_of_their_promises(world, clock, step):
    node_id = world.node("10.50.0.1")
    for number in range(5):
        with world.control.write(None) as tx:
            tx.promise(RotateKeys(node_id, f"rotation {number}"))
        clock.advance(step)
    seen = []
    handlers = {NodeRegistered: lambda *_: None, RotateKeys: lambda _, event, __: seen.append(event.rotation_id)}
    assert outbox.deliver_due(world.control, handlers).delivered == 5
    assert seen == [f"rotation {number}" for number in range(5)]


@STEPS
def test_a_registered_node_is_anchored_at_once(world, clock, step):
    node_id = world.node("10.50.0.1", anchored=False)
    clock.advance(step)
    assert deliver_due(world.control) == 1
    assert world.all("SELECT node_id FROM peers") == [(node_id,)]


@pytest.mark.parametrize("step", [-SECOND, -2 * HOUR, -400 * DAY])
def test_a_delay_that_was_asked_for_is_prolonged_by_no_step(world, clock, step):
    seconds = itertools.count(100)
    world.control = dataclasses.replace(world.control, schedule=Schedule(lambda: next(seconds)))
    node_id = world.node("10.50.0.1")
    with world.control.write(None) as tx:
        tx.promise(RotateKeys(node_id, "a rotation"), 3 * SECOND)
    clock.advance(step)
    assert [deliver_due(world.control) for _ in range(4)] == [0, 0, 0, 1]


@STEPS
def test_a_plane_that_starts_again_under_another_clock_is_as_it_was(tmp_path, step):
    clock = Clock()
    with running(tmp_path, clock) as plane:
        project_id = plane.project()
        plane.enrol(project_id)
        plane.anchored(plane.domain_id(), 1)
        domains_before = plane.admin.get("/v1/domains").json()
    clock.ahead = step
    with running(tmp_path, clock) as plane:
        assert plane.admin.get("/v1/domains").json() == domains_before
        assert plane.admin.get(f"/v1/projects/{project_id}").status_code == 200
        plane.enrol(plane.project("second"))
        assert len(plane.anchored(plane.domain_id(), 2)["edges"]) == 2
