"""The folder of fleets and its end."""

from plexctl.local.fleet import folder
from plexctl.local.fleet.secrets import Secrets
from tests.local.fleet.fleets import fleet
from tests.local.processes import default_directory, failed, started

PROJECT = "019ed19b-68dc-7aa9-8995-80e810444cce"


def test_reset_removes_the_secrets_of_fleets_and_nothing_else(local):
    started(local)
    local("local stop")
    directory = default_directory(local)
    with folder.locked(directory) as held:
        held.write(PROJECT, Secrets.new(1))
        failed(local("local reset --yes"), "a fleet is already running", "stop it first")
        assert (directory / "plane.db").exists()
    (held.path / f".{PROJECT}.0001.json.draft").touch()
    (held.path / "mine").touch()

    assert local("local reset --yes").code == 0
    assert [path.name for path in directory.iterdir()] == ["fleet"]
    assert [path.name for path in held.path.iterdir()] == ["mine"]

    (held.path / "mine").unlink()
    assert local("local reset --yes").code == 0
    assert not directory.exists()


def test_a_fleet_ends_with_the_directory_of_its_ephemeral_plane(local):
    plane = started(local, "--ephemeral")
    token = local("local token").stdout.strip()
    project = local(
        "project create --slug f --display-name F -o json --domain",
        _domain(local, plane, token),
        PLEXSPHERE_URL=plane["url"],
        PLEXSPHERE_TOKEN=token,
    ).json["id"]
    with fleet(local, plane["data_dir"], f"--project {project} --nodes 1 --interval 100ms") as running:
        running.until_complete()
        local("local stop")
        code, said = running.ended()
    assert code == 1
    assert "Fleet Ended" in said


def _domain(local, plane, token):
    listed = local("domain list -o json", PLEXSPHERE_URL=plane["url"], PLEXSPHERE_TOKEN=token)
    return listed.json["items"][0]["id"]
