"""What a plane's directory holds and tells: env, tokens, logs, its own note, and reset."""

import json
import os
import shlex
import subprocess
import sys

import httpx
import pytest
import yaml

from plexctl.commands.local_options import PLANE_VARIABLES
from tests.command import CHILD, Command
from tests.local.processes import default_directory, failed, in_shell, killed, private_directory, started, write_private
from tests.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """plexctl with a plane that runs as long as this module's tests, and changes for none of them."""
    plexctl = Command(tmp_path_factory.mktemp("home"))
    started(plexctl)
    yield plexctl
    assert plexctl("local stop").code == 0


def test_env_points_plexctl_at_the_plane_and_leaves_its_config_alone(running):
    plane = running("local status -o json").json
    script = f'eval "$({shlex.join(CHILD)} local env)"; {shlex.join(CHILD)} domain list -o json'

    done = in_shell(running, script)

    assert [item["slug"] for item in json.loads(done)["items"]] == [
        "acme-corp",
        "beta-llc",
        "gamma-cooperative",
    ]
    assert not (running.home / ".config").exists()
    variables = running("local env -o json").json
    assert variables["PLEXSPHERE_URL"] == plane["url"]
    assert variables["PLEXSPHERE_SIGNER_ENDPOINT"] == plane["signer_endpoint"]
    assert variables["PLEXSPHERE_TOKEN"] == running("local token --as admin").stdout.rstrip("\n")


@pytest.mark.parametrize(
    ("shell", "form"),
    [
        ("sh", "export PLEXSPHERE_URL={url}"),
        ("bash", "export PLEXSPHERE_URL={url}"),
        ("zsh", "export PLEXSPHERE_URL={url}"),
        ("fish", "set -gx PLEXSPHERE_URL '{url}'"),
        ("powershell", "$env:PLEXSPHERE_URL = '{url}'"),
    ],
)
def test_env_speaks_every_shell(running, shell, form):
    plane = running("local status -o json").json

    first, *others = running(f"local env --shell {shell}").stdout.splitlines()

    assert first == form.format(url=plane["url"])
    assert len(others) == 3


@pytest.mark.parametrize(
    ("shell", "form"),
    [("sh", "unset {}"), ("zsh", "unset {}"), ("fish", "set -e {}"), ("powershell", "Remove-Item Env:{}")],
)
def test_unset_undoes_it_without_a_plane(local, shell, form):
    lines = local(f"local env --unset --shell {shell}").stdout.splitlines()
    assert [line.startswith(form.format(name)) for line, name in zip(lines, PLANE_VARIABLES, strict=True)] == [True] * 4
    assert local("local env --unset -o json").code == 2


def test_a_shell_has_nothing_left_of_the_plane_after_unset(running):
    plexctl = shlex.join(CHILD)
    script = f'eval "$({plexctl} local env)"; eval "$({plexctl} local env --unset)"; env'
    assert not [line for line in in_shell(running, script).splitlines() if line.startswith(PLANE_VARIABLES)]


def test_the_token_is_admins_unless_another_is_named(running):
    assert running("local token").stdout == running("local token --as admin").stdout


def test_tokens_last_from_start_to_start_and_until_reset(local):
    started(local)
    before = {name: local(f"local token --as {name}").stdout for name in ("admin", "viewer", "outsider")}
    local("local stop")
    plane = started(local)

    after = {name: local(f"local token --as {name}").stdout for name in before}
    assert after == before
    assert len(set(before.values())) == 3
    for token in before.values():
        answer = httpx.get(
            f"{plane['url']}/v1/auth/whoami", headers={"Authorization": f"Bearer {token.strip()}"}, trust_env=False
        )
        assert answer.status_code == 200

    failed(local("local reset --yes"), "already running", "stop it first")
    local("local stop")
    assert local("local reset").code == 2
    assert default_directory(local).exists()
    assert local("local reset --yes").code == 0
    assert not default_directory(local).exists()
    failed(local("local token --as admin"), "local start")
    started(local)
    assert local("local token --as admin").stdout != before["admin"]


@pytest.mark.parametrize("leaf", ["status", "env", "token --as viewer", "logs"])
def test_json_and_yaml_say_the_same(running, leaf):
    plane = running("local status -o json").json
    httpx.get(f"{plane['url']}/v1/version", trust_env=False)
    eventually(lambda: running("local logs").stdout)

    in_json, in_yaml = (running(f"local {leaf} -o {form}") for form in ("json", "yaml"))

    assert (in_json.code, in_yaml.code) == (0, 0)
    assert in_json.json == yaml.safe_load(in_yaml.stdout)
    assert in_json.json


def test_reset_leaves_what_is_not_the_planes(local, tmp_path):
    (tmp_path / "mine").write_text("kept")
    named = f"--data-dir {tmp_path}"
    started(local, named)
    local(f"local stop {named}")

    assert local(f"local reset --yes {named}").code == 0

    assert [path.name for path in tmp_path.iterdir() if path != local.home] == ["mine"]


KILLED_WHILE_WRITING = """\
import os, pathlib, signal, sys
from plexctl import private_files
os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
private_files.create(pathlib.Path(sys.argv[1]), b"secret")
"""


@pytest.mark.parametrize("name", ["root.key", "bearers.json", "state.json"])
def test_reset_removes_the_secrets_that_a_kill_has_left_in_drafts(local, name):
    directory = private_directory(local)
    subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, directory / name], check=False)
    assert len(list(directory.iterdir())) == 1

    assert local("local reset --yes").code == 0

    assert not default_directory(local).exists()


def test_the_data_is_its_owners_alone(running):
    directory = default_directory(running)

    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o077 for path in directory.iterdir() if path.stat().st_mode & 0o077} == {}
    assert (directory / "plane.db").exists()


def test_a_process_id_alone_is_not_believed(local):
    plane = started(local)
    killed(plane["pid"])
    state = default_directory(local) / "state.json"
    state.write_text(json.dumps(plane | {"pid": os.getpid()}))

    assert local("local status").code == 1
    assert local("local stop").code == 0  # and this process lives on
    assert started(local)["pid"] != os.getpid()


@pytest.mark.parametrize("leaf", ["status", "stop", "env"])
def test_a_damaged_note_of_the_plane_is_one_line(running, monkeypatch, leaf):
    monkeypatch.setattr("plexctl.local.state._PATIENCE_SECONDS", 0.0)
    plane = running("local status -o json").json
    state = default_directory(running) / "state.json"
    kept = state.read_text()
    state.write_text("{")

    outcome = running(f"local {leaf}")

    state.write_text(kept)
    assert (outcome.code, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith(f"plexctl: Damaged Plane: {state} does not describe a plane; ")
    assert outcome.stderr.count("\n") == 1
    assert running("local status -o json").json == plane


def test_logs_are_json_lines_until_the_plane_stops(local):
    plane = started(local)
    following = local.start("local logs --follow")
    httpx.get(f"{plane['url']}/v1/version", headers={"X-Request-Id": "wanted"}, trust_env=False)

    line = json.loads(following.stdout.readline())
    assert (line["request_id"], line["path"], line["status"]) == ("wanted", "/v1/version", 200)
    local("local stop")
    rest, _ = following.communicate(timeout=PATIENCE_SECONDS)
    assert (following.returncode, rest) == (0, b"")
    assert local("local logs -o json").json["items"] == [line]
    assert local("local logs --follow -o json").code == 2


def test_logs_end_soon_after_their_reader_though_the_plane_writes_nothing(running):
    httpx.get(f"{running('local status -o json').json['url']}/v1/version", trust_env=False)
    following = running.start("local logs --follow --tail 1")
    assert following.stdout.readline().endswith(b"\n")
    following.stdout.close()
    assert following.wait(timeout=PATIENCE_SECONDS) == 141
    assert following.stderr.read() == b""
    following.stderr.close()


def test_a_line_of_the_log_that_is_no_json_is_a_message(local):
    log = private_directory(local) / "plane.log"
    write_private(log, b'Traceback (most recent call last):\n{"message": "request"}\n')
    items = local("local logs -o json").json["items"]
    assert items == [{"message": "Traceback (most recent call last):"}, {"message": "request"}]
