"""Which plane a plain command means, and what an ephemeral one leaves: nothing."""

from pathlib import Path

import pytest

from tests.command import Command
from tests.local.processes import FREE, killed, started

VARIABLE = "PLEXCTL_LOCAL_DATA_DIR"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """plexctl with two planes, a lasting one and an ephemeral one, which no test of this module changes."""
    plexctl = Command(tmp_path_factory.mktemp("home"))
    planes = [started(plexctl), started(plexctl, "--ephemeral")]
    yield plexctl, planes
    assert [plexctl("local stop --data-dir", plane["data_dir"]).code for plane in planes] == [0, 0]


def test_an_ephemeral_plane_is_found_and_leaves_nothing(local):
    plane = started(local, "--ephemeral")

    assert local("local env -o json").json["PLEXSPHERE_URL"] == plane["url"]
    assert local("local status -o json").json["ephemeral"] is True
    assert local("local stop").code == 0
    assert not Path(plane["data_dir"]).exists()
    assert local("local status").code == 1


@pytest.mark.parametrize("leaf", ["stop", "status", "env", "logs", "token --as admin", "reset --yes"])
def test_of_several_planes_none_is_meant_unless_it_is_named(two, leaf):
    plexctl, planes = two

    outcome = plexctl(f"local {leaf}")

    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.count("\n") == 1
    assert all(word in outcome.stderr for word in ("--data-dir", VARIABLE, *(plane["data_dir"] for plane in planes)))
    for plane in planes:
        assert plexctl("local status -o json --data-dir", plane["data_dir"]).json == plane
        assert plexctl("local status -o json", **{VARIABLE: plane["data_dir"]}).json == plane


def test_two_jobs_that_take_over_their_own_environment_do_not_meet(local):
    planes = [started(local, "--ephemeral"), started(local, "--ephemeral")]
    jobs = [local("local env -o json --data-dir", plane["data_dir"]).json for plane in planes]

    for plane, job in zip(planes, jobs, strict=True):
        assert local("local status -o json", **job).json == plane
    assert local("local stop", **jobs[0]).code == 0
    assert local("local status", **jobs[0]).code == 1
    assert local("local status -o json", **jobs[1]).json == planes[1]


def test_the_flag_wins_over_the_variable_and_an_empty_variable_counts_as_unset(local):
    lasting, ephemeral = started(local), started(local, "--ephemeral")
    elsewhere = {VARIABLE: lasting["data_dir"]}

    assert local("local status -o json --data-dir", ephemeral["data_dir"], **elsewhere).json == ephemeral
    local("local stop", **elsewhere)
    assert local("local status -o json", **{VARIABLE: ""}).json == ephemeral
    assert local("local status", **elsewhere).code == 1


def test_start_uses_the_directory_of_the_variable_and_names_a_plane_that_is_not_meant_otherwise(local, tmp_path):
    named = {VARIABLE: str(tmp_path / "named")}

    done = local(f"local start {FREE}", **named)
    other = local(f"local start {FREE} --ephemeral -o json", **named)
    assert local("local stop", **named).code == 0

    assert done.stderr.endswith('eval "$(plexctl local env)"\n')
    assert other.stderr.endswith(f'eval "$(plexctl local env --data-dir {other.json["data_dir"]})"\n')


def test_a_killed_plane_is_not_meant(local):
    ephemeral, lasting = started(local, "--ephemeral"), started(local)
    killed(lasting["pid"])

    assert local("local status -o json").json == ephemeral


def test_no_lasting_plane_is_started_where_ephemeral_ones_are_removed(local):
    directory = started(local, "--ephemeral")["data_dir"]
    assert local("local stop").code == 0
    for leaf in ("start", "serve"):
        outcome = local(f"local {leaf} {FREE}", **{VARIABLE: directory})
        assert outcome.code == 2
        assert (
            f"{VARIABLE}: {directory!r} is of an ephemeral plane that has ended, and is removed; unset it"
            in outcome.stderr
        )
        assert local(f"local {leaf} {FREE} --data-dir", directory).code == 2


def test_what_a_killed_ephemeral_plane_left_goes_with_the_next_and_a_running_one_stays(local):
    victim, alive = started(local, "--ephemeral"), started(local, "--ephemeral")
    killed(victim["pid"])

    plane = started(local, "--ephemeral")

    assert not Path(victim["data_dir"]).exists()
    assert Path(plane["data_dir"]).exists()
    assert local("local status -o json --data-dir", alive["data_dir"]).json == alive
