"""What Tab offers: commands, flags, the values of flags, and names that only a server knows; and in real shells."""

import os
import shlex
import shutil
import sys
import threading

import click
import pytest

from plexctl.options import GLOBAL_FLAGS
from plexctl.tree import TREE
from tests.each import each
from tests.fake_server import answer
from tests.interactive import Interactive
from tests.samples import ID, OTHER_ID, PROJECT
from tests.tree import families, leaves
from tests.waiting import PATIENCE_SECONDS

FIRST_LINES = {
    "bash": "# bash completion for plexctl",
    "zsh": "#compdef plexctl",
    "fish": "# fish completion for plexctl",
    "powershell": "# powershell completion for plexctl",
}
FILES = ["\t"]


def ask(plexctl, *words):
    """The lines that a shell reads for words of which the last one is being typed."""
    outcome = plexctl("", *words, _PLEXCTL_COMPLETE="1")
    assert (outcome.code, outcome.stderr) == (0, "")
    return outcome.stdout.splitlines()


@pytest.fixture
def complete(plexctl):
    """The words that may stand for the last one."""
    return lambda *words: [line.split("\t")[0] for line in ask(plexctl, *words)]


@pytest.mark.parametrize("shell", FIRST_LINES)
def test_a_script_says_what_it_is_and_needs_no_setting(plexctl, shell):
    outcome = plexctl(f"completion {shell}", PLEXSPHERE_OUTPUT="nonsense")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout.splitlines()[0] == FIRST_LINES[shell]
    assert "_PLEXCTL_COMPLETE" in outcome.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("completion Bash", 'completion: SHELL: unknown shell "Bash"; known: bash, zsh, fish, powershell'),
        ("completion tcsh", 'unknown shell "tcsh"'),
        ("completion", "completion: SHELL: is required"),
        ("completion bash zsh", "got unexpected extra argument (zsh)"),
    ],
)
def test_any_other_shell_is_refused(plexctl, line, said):
    outcome = plexctl(line)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert said in outcome.stderr


def test_commands_follow_the_root_and_each_family(complete):
    assert complete("") == list(TREE)
    assert complete("p") == ["project", "peer"]
    assert complete("-o", "json", "p") == ["project", "peer"]
    assert complete("--output=json", "-v", "p") == ["project", "peer"]
    assert complete("x") == complete("nonsense", "") == complete("peer", "nonsense", "") == []
    for name, family in families().items():
        assert sorted(complete(name, "")) == sorted(family.commands)


@each("placed", leaves())
def test_every_flag_of_a_leaf_and_every_global_one(complete, placed):
    own = {max(each.opts, key=len) for each in placed.leaf.params if isinstance(each, click.Option)}
    found = complete(*placed.words, "--")
    long = {name for name in own if name.startswith("--")}
    assert set(found) == long | {flag.names[0] for flag in GLOBAL_FLAGS} | {"--version", "--help"}
    required = [
        max(each.opts, key=len) for each in placed.leaf.params if isinstance(each, click.Option) and each.required
    ]
    assert found[: len(required)] == required


def test_every_line_explains_itself(plexctl):
    assert all(line.split("\t")[1] for line in [*ask(plexctl, "peer", "list", "--"), *ask(plexctl, "")])


def test_a_flag_is_not_offered_twice_unless_it_may_be_given_twice(complete):
    assert "--domain" not in complete("peer", "list", "--domain", "x", "--")
    assert "--output" not in complete("peer", "list", "-o", "json", "--")
    assert "--field" in complete("api", "POST", "/v1/x", "--field", "a=b", "--")


@each("placed", leaves())
def test_the_words_that_a_flag_takes(complete, placed):
    for one in placed.leaf.params:
        if isinstance(one, click.Option) and isinstance(one.type, click.Choice):
            name, choices = max(one.opts, key=len), list(one.type.choices)
            assert complete(*placed.words, name, "") == choices
            assert complete(*placed.words, f"{name}=") == [f"{name}={choice}" for choice in choices]
            assert complete(*placed.words, f"{name}={choices[0]}") == [f"{name}={choices[0]}"]


@each(
    ("words", "found"),
    [
        (["-o", "y"], ["yaml"]),
        (["-oj"], ["-ojson"]),
        (["-o=j"], ["-o=json"]),
        (["-vo", "j"], ["json"]),
        (["--color", "a"], ["auto", "always"]),
        (["config", "set", "s"], ["server", "signer_endpoint"]),
        (["api", "P"], ["POST", "PUT", "PATCH"]),
        (["completion", "z"], ["zsh"]),
        (["help", "exit"], ["exit-codes"]),
        (["help", "pe"], ["peer"]),
        (["help", "peer", ""], ["get", "list", "wait"]),
        (["help", "peer", "list", ""], []),
        (["help", "output", ""], []),
        (["peer", "list", "--", "--"], []),
        (["config", "set", "server", ""], []),
        (["peer", "list", ""], []),
    ],
)
def test_each_value_is_completed_by_its_type(complete, words, found):
    assert complete(*words) == found


@pytest.mark.parametrize(
    "words",
    [
        ["--token-file", ""],
        ["--ca-file", "/e"],
        ["--ca-file=/e"],
        ["local", "start", "--data-dir", ""],
        ["api", "POST", "/v1", "--input", ""],
    ],
    ids=" ".join,
)
def test_a_path_is_the_shells_own_business(plexctl, words):
    assert ask(plexctl, *words) == FILES


def test_profiles_are_those_of_the_config_file(plexctl, complete):
    plexctl.configure({"profiles": {"staging": {}, "production": {}}})
    for words in (["--profile", ""], ["config", "use-profile", ""], ["login", "--profile-name", ""]):
        assert complete(*words) == ["production", "staging"]


def test_names_come_from_the_server(admin, complete, plane):
    project_id = plane.project("edge-fleet")
    node = plane.enrol(project_id)
    token_id = admin("bootstrap-token list --project edge-fleet -o json").json["items"][0]["id"]
    name = admin("node get -o json", node["node_id"]).json["name"]
    domains = ["acme-corp", "beta-llc", "gamma-cooperative"]

    assert complete("peer", "list", "--domain", "") == domains
    assert complete("domain", "get", "a") == ["acme-corp"]
    assert complete("peer", "list", "--domain=a") == ["--domain=acme-corp"]
    assert complete("project", "get", "") == complete("bootstrap-token", "list", "--project", "") == ["edge-fleet"]
    assert complete("node", "get", name[:3]) == [name]
    assert complete("bootstrap-token", "get", "--project", "edge-fleet", "--token-id", "") == [token_id]
    assert complete("bootstrap-token", "get", "--token-id", "") == []


@pytest.mark.usefixtures("against")
def test_names_for_a_fleet_come_from_its_plane(complete, plane, server):
    plane.project("edge-fleet")
    assert complete("local", "fleet", "--data-dir", str(plane.plane.data_dir), "--project", "") == ["edge-fleet"]
    assert complete("local", "fleet", "--project", "") == []
    assert not server.requests


@pytest.mark.usefixtures("admin")
def test_a_domain_given_by_its_slug_narrows_what_is_offered(complete, plane):
    plane.project("here")
    plane.project("there", plane.domain_id("beta-llc"))
    assert complete("project", "get", "--domain", "beta-llc", "") == ["there"]
    assert complete("project", "get", "--domain", "nowhere", "") == ["here", "there"]


def test_the_server_and_the_token_of_the_line_are_used(complete, server, tmp_path):
    server.play(answer(200, {"items": [PROJECT]}))
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text("from-a-file")
    assert complete("--server", server.url, "--token-file", str(token), "project", "get", "") == ["edge-fleet"]
    assert server.requests[0].headers["authorization"] == "Bearer from-a-file"
    assert complete("--server", server.url, "--token-file", "/dev/stdin", "project", "get", "") == []
    assert complete("--server", server.url, "project", "get", "") == []


def test_a_server_that_is_slow_or_says_no_is_silence(against, server):
    hang = threading.Event()
    server.play(lambda _: hang.wait(PATIENCE_SECONDS))
    try:
        assert ask(against, "project", "get", "") == []
    finally:
        hang.set()
    server.play(answer(500, {}))
    assert ask(against, "project", "get", "") == []
    against.configure("{ not json")
    assert ask(against, "project", "get", "") == []
    assert ask(against, "--profile", "") == []


def test_what_a_server_calls_its_things_cannot_leave_its_line(against, server):
    hostile = [{**PROJECT, "slug": slug, "name": "a\tb\nc"} for slug in ("good", "b\nad", "b\tad", "\x1b[31m")]
    server.play(answer(200, {"items": hostile}))
    assert ask(against, "project", "get", "") == ["good\ta b c"]


def test_ids_are_narrowed_by_the_domain(against, server):
    server.play(answer(200, {"items": [PROJECT]}))
    ask(against, "project", "get", "--domain", OTHER_ID, "")
    assert f"domain_id={OTHER_ID}" in server.requests[0].target
    assert ID not in server.requests[0].target


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(plexctl completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(plexctl completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "plexctl completion fish | source"),
}
# Completes as plexctl does, and in place of running a command line prints its words.
STUB = """#!/bin/sh
if [ -n "$_PLEXCTL_COMPLETE" ] || [ "$1" = completion ]; then exec {python} -P -m plexctl "$@"; fi
printf '<%s>' "$@"
"""


@pytest.fixture(params=SHELLS)
def shell(request, plexctl, tmp_path):
    """A real shell with completion, in a directory with one file."""
    name = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    program = tmp_path / "bin" / "plexctl"
    program.parent.mkdir()
    program.write_text(STUB.format(python=shlex.quote(sys.executable)))
    program.chmod(0o755)
    (tmp_path / "authority.pem").touch()
    environment = plexctl.environment | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    command, setup = SHELLS[name]
    with Interactive(command, environment, tmp_path) as running:
        running.type(f"{setup}; echo set''up\n")
        running.until("setup")
        yield running


LINES = [
    ("pee", "<peer>"),
    ("peer li", "<peer><list>"),
    ("peer list --out", "<peer><list><--output>"),
    ("--output=js", "<--output=json>"),
    ("bootstrap-token issue --kind=n", "<bootstrap-token><issue><--kind=node>"),
    ("signing close --signer-endpoint localhost:9443 --sc", "<--signer-endpoint><localhost:9443><--scope>"),
    ("--ca-file auth", "<--ca-file><authority.pem>"),
    ("--ca-file=auth", "<--ca-file=authority.pem>"),
]


def test_tab_in_a_real_shell(shell):
    for typed, words in LINES:
        shell.type(f"plexctl {typed}\t")
        shell.until(words.rpartition("<")[2].rstrip(">"))
        shell.type("\n")
        shell.until(words)


NAME = "edge $(touch run); 'a' | b \\ c"


@pytest.fixture
def named_by_a_machine(server):
    """A plane with a Node whose machine chose a name that a shell would act on."""
    node = {"id": ID, "domain_id": ID, "created_at": "2026-01-01T00:00:00Z", "name": NAME}
    server.play(answer(200, {"items": [node]}))


@pytest.mark.usefixtures("against", "named_by_a_machine")
def test_a_name_that_is_completed_is_one_word_and_runs_nothing(shell, tmp_path):
    for typed in ("edg", "edge\\ "):
        shell.type(f"plexctl node get {typed}\t")
        shell.until("c")
        shell.type("\n")
        shell.until(f"<node><get><{NAME}>")
    assert not (tmp_path / "run").exists()


def test_nothing_that_is_completed_reaches_the_terminal_as_a_control_character(against, server):
    against.configure({"profiles": {"good": {}, "\x1b[31mred": {}}})
    assert ask(against, "--profile", "") == ["good\t"]
    server.play(answer(200, {"items": [{**PROJECT, "name": "\x1b]2;TITLE\x07"}]}))
    assert ask(against, "project", "get", "") == ["edge-fleet\t\\x1b]2;TITLE\\x07"]
