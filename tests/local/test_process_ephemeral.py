"""Which plane a plain command means, and what an ephemeral one leaves: nothing."""

import os
import signal
from pathlib import Path

from plexctl.local import data_directory
from tests.local.processes import default_directory, started
from tests.waiting import eventually


def test_an_ephemeral_plane_is_found_and_leaves_nothing(local):
    plane = started(local, "--ephemeral")

    assert local.child("local env -o json").json["PLEXSPHERE_URL"] == plane["url"]
    assert local.child("local status -o json").json["ephemeral"] is True
    assert local.child("local stop").code == 0
    assert not Path(plane["data_dir"]).exists()
    assert local.child("local status").code == 1


def test_the_plane_started_last_is_the_one_that_is_meant(local):
    lasting, ephemeral = started(local), started(local, "--ephemeral")

    assert local.child("local status -o json").json == ephemeral
    local.child("local stop")
    assert local.child("local status -o json").json == lasting


def test_a_killed_plane_is_not_meant(local):
    ephemeral, lasting = started(local, "--ephemeral"), started(local)
    os.kill(lasting["pid"], signal.SIGKILL)
    eventually(lambda: not data_directory.is_in_use(default_directory(local)))

    assert local.child("local status -o json").json == ephemeral


def test_what_a_killed_ephemeral_plane_left_goes_with_the_next_and_a_running_one_stays(local):
    killed, alive = started(local, "--ephemeral"), started(local, "--ephemeral")
    os.kill(killed["pid"], signal.SIGKILL)
    eventually(lambda: not data_directory.is_in_use(Path(killed["data_dir"])))

    plane = started(local, "--ephemeral")

    assert not Path(killed["data_dir"]).exists()
    assert Path(plane["data_dir"]).exists()
    local.child("local stop")
    assert local.child("local status -o json").json == alive
