"""A command line that is wrong: one line or one document on stderr, exit 2, nothing on stdout, nothing sent."""

import json
import shlex

import click
import pytest
import yaml

from tests.each import each
from tests.tree import VALID, families, leaves, tried_options, valid

ID = VALID["UUID"]
LEAVES = [pytest.param(placed, id=placed.name) for placed in leaves() if placed.name != "help"]
DESTRUCTIVE = [pytest.param(placed, id=placed.name) for placed in leaves() if placed.leaf.contract.destructive]
MISSING = [
    pytest.param(placed, parameter, id=f"{placed.name} without {parameter.name}")
    for placed in leaves()
    for parameter in placed.leaf.params
    if parameter.required and parameter.name != "method"  # without it, the argument behind it takes its place
]
MEMBERS = [
    "kind", "exit_code", "status", "grpc_status", "code", "title", "detail", "instance", "request_id",
    "correlation_id", "warnings",
]  # fmt: skip


@pytest.fixture
def refused(against, server):
    """Run a command line that must be refused, and return the one line without its prefix."""

    def run(line: str, **environment: str) -> str:
        outcome = against(line, **environment)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert outcome.stderr.startswith("plexctl: ")
        assert outcome.stderr.endswith("\n")
        assert outcome.stderr.count("\n") == 1
        return outcome.stderr.removeprefix("plexctl: ").rstrip("\n")

    yield run
    assert server.requests == []


def test_the_line_names_command_flag_value_form_and_help(refused):
    line = "peer list: --domain: 'X_' is neither a UUID nor a slug (try 'plexctl peer list --help')"
    assert refused("peer list --domain X_") == line


@each(("placed", "parameter"), MISSING)
def test_what_is_required_is_asked_for_by_name_and_form(refused, placed, parameter):
    words = shlex.split(placed.least)
    is_option = isinstance(parameter, click.Option)
    name = parameter.opts[0] if is_option else parameter.metavar.removesuffix("...")
    is_choice = isinstance(parameter.type, click.Choice)
    form = "|".join(parameter.type.choices) if is_choice else parameter.type.name
    if is_option:
        start = words.index(name)
        del words[start : start + 2]
        form = f"[{form}]" if is_choice else form
    else:
        words.remove(valid(parameter))
    form = parameter.metavar if parameter.nargs == -1 else form
    typed = form if form.startswith(name) else f"{name} {form}"
    hint = f"(try 'plexctl {placed.name} --help')"
    assert refused(shlex.join(words)) == f"{placed.name}: {name}: is required ({typed}) {hint}"


def test_a_command_that_is_missing_is_named_once(refused):
    assert refused("local run") == "local run: COMMAND: is required (COMMAND...) (try 'plexctl local run --help')"


@each("placed", LEAVES)
def test_an_unknown_flag_and_a_surplus_argument_are_refused(refused, placed):
    hint = f"(try 'plexctl {placed.name} --help')"
    assert refused(f"{placed.least} --xyzzy") == f"{placed.name}: --xyzzy: no such flag {hint}"
    arguments = [parameter for parameter in placed.leaf.params if isinstance(parameter, click.Argument)]
    if all(argument.nargs == 1 and argument.required for argument in arguments):
        assert refused(f"{placed.least} surplus") == f"{placed.name}: got unexpected extra argument (surplus) {hint}"


@each("placed", LEAVES)
def test_a_misspelt_flag_suggests_the_right_one(refused, placed):
    for option in tried_options(placed):
        if len(option.opts[0]) > 6:
            flag = option.opts[0]
            misspelt = flag[:4] + flag[5:]  # a letter is left out
            line = refused(f"{placed.name} {misspelt}")
            assert line.startswith(f"{placed.name}: {misspelt}: no such flag; did you mean ")
            assert flag in line


@each("placed", LEAVES)
def test_a_flag_without_its_value_says_what_is_missing(refused, placed):
    for option in tried_options(placed):
        if not option.is_flag:
            line = refused(f"{placed.name} {option.opts[0]}")
            assert line.startswith(f"{placed.name}: {option.opts[0]}: needs a value ({option.opts[0]} ")


@each("placed", LEAVES)
def test_a_switch_takes_no_value(refused, placed):
    assert refused(f"{placed.least} --yes=1") == (
        f"{placed.name}: --yes: takes no value (try 'plexctl {placed.name} --help')"
    )


@pytest.mark.parametrize("placed", DESTRUCTIVE)
def test_what_cannot_be_undone_is_refused_without_yes_naming_where_it_would_act(refused, against, placed):
    server = f"server {against.environment['PLEXSPHERE_URL']} (from PLEXSPHERE_URL)"
    said = f"; it would act on {server}, no profile, token from PLEXSPHERE_TOKEN"
    where = said if placed.leaf.contract.calls_server else ""
    line = f"{placed.name}: --yes: is required, since this cannot be undone{where}; nothing was sent"
    assert refused(placed.least) == f"{line} (try 'plexctl {placed.name} --help')"


@each(
    ("typed", "line"),
    [
        ("pere list", "'pere' is not a command; did you mean peer? (try 'plexctl --help')"),
        (
            "bootstrap_token",
            "'bootstrap_token' is not a command; did you mean bootstrap-token? (try 'plexctl --help')",
        ),
        ("xyzzy", "'xyzzy' is not a command (try 'plexctl --help')"),
        ("peer lits", "peer: 'lits' is not a command; did you mean list? (try 'plexctl peer --help')"),
        ("--outptu json", "--outptu: no such flag; did you mean --output? (try 'plexctl --help')"),
        (
            "domain create --name x",
            "domain create: --name: no such flag; did you mean --display-name? (try 'plexctl domain create --help')",
        ),
        (
            "signing close --old-key-id k1",
            "signing close: --old-key-id: no such flag; did you mean --old? (try 'plexctl signing close --help')",
        ),
        ("peer list --mesh x", "peer list: --mesh: no such flag (try 'plexctl peer list --help')"),
        ("-z", "-z: no such flag (try 'plexctl --help')"),
        ("--server", "--server: needs a value (--server URL) (try 'plexctl --help')"),
        ("peer -o", "peer: -o: needs a value (-o text|json|yaml|name) (try 'plexctl peer --help')"),
        (
            "project list --all --cursor x",
            "project list: --all: cannot be combined with --cursor (try 'plexctl project list --help')",
        ),
        (
            f"project update {ID}",
            "project update: nothing to change: give --display-name, --description, --sub-range or "
            "--release-sub-range (try 'plexctl project update --help')",
        ),
        (
            f"project update {ID} --sub-range 10.0.0.0/24 --release-sub-range",
            "project update: --sub-range: cannot be combined with --release-sub-range "
            "(try 'plexctl project update --help')",
        ),
    ],
)
def test_each_mistake_has_its_own_line(refused, typed, line):
    assert refused(typed) == line


@each("name", families())
def test_a_misspelt_leaf_suggests_the_right_one(refused, name):
    for leaf in families()[name].commands:
        misspelt = leaf[:-2] + leaf[-1] + leaf[-2]
        assert refused(f"{name} {misspelt}").startswith(f"{name}: {misspelt!r} is not a command; did you mean {leaf}")


BAD = "peer list --domain X_"
IN_JSON = [
    f"-o json {BAD}",
    f"-ojson {BAD}",
    f"-vojson {BAD}",
    f"-vo json {BAD}",
    f"--output=json {BAD}",
    f"--output json {BAD}",
    "peer -o json list --domain X_",
    f"{BAD} -o json",
    f"{BAD} -ojson",
    f"{BAD} -vojson",
    f"{BAD} --output=json",
    f"{BAD} --output json",
    f"-o text {BAD} -o json",
    f"-o yaml {BAD} -ojson",
    f"-o json {BAD} --xyzzy",
    "pere -o json",
    "--xyzzy -o json",
    "peer lits --output json",
    "help nothing -ojson",
    f"-o json project delete {ID}",
    f"project update {ID} -o json",
    f"-o json {BAD} -- -o text",
]


@each("typed", IN_JSON)
def test_in_json_mode_an_error_is_one_document_wherever_the_flag_stands(against, server, typed):
    outcome = against(typed)
    assert (outcome.code, outcome.stdout) == (2, "")
    document = json.loads(outcome.stderr)
    assert list(document) == ["error"]
    assert list(document["error"]) == MEMBERS
    assert document["error"]["kind"] == "usage"
    assert document["error"]["exit_code"] == 2
    assert server.requests == []


def test_the_document_holds_the_line(against, refused):
    line = refused(BAD)
    for form, parse in (("json", json.loads), ("yaml", yaml.safe_load)):
        outcome = against(f"{BAD} -o {form}")
        error = parse(outcome.stderr)["error"]
        assert error["detail"] == line
        assert [name for name, value in error.items() if value is None] == [
            "status", "grpc_status", "code", "instance", "request_id", "correlation_id",
        ]  # fmt: skip


def test_the_environment_sets_the_form_and_a_flag_wins_over_it(against):
    assert json.loads(against(BAD, PLEXSPHERE_OUTPUT="json").stderr)["error"]["kind"] == "usage"
    assert yaml.safe_load(against(BAD, PLEXSPHERE_OUTPUT="yaml").stderr)["error"]["kind"] == "usage"
    assert against(f"{BAD} -o text", PLEXSPHERE_OUTPUT="json").stderr.startswith("plexctl: peer list")


@pytest.mark.parametrize(
    "typed",
    [
        f"{BAD} -o xml",
        f"{BAD} --output=",
        f"-o json {BAD} -oxml",
        f"{BAD} -- -o json",
        f"{BAD} -vz",
    ],
)
def test_a_form_that_is_none_means_text(refused, typed):
    assert "(try 'plexctl " in refused(typed)


def test_an_unknown_form_in_the_environment_is_refused_before_anything_is_sent(refused):
    expected = "{0}: PLEXSPHERE_OUTPUT: 'xml' is not one of text, json, yaml (try 'plexctl {0} --help')"
    assert refused("project list", PLEXSPHERE_OUTPUT="xml") == expected.format("project list")
    assert refused(f"key rotate --node {ID}", PLEXSPHERE_OUTPUT="xml") == expected.format("key rotate")


SECRETS = {
    "psb_dev_abcdefghijklmnopqrstuvwxyz_node_abcdefghijklmnopqrstuvwx": "abcdefgh",
    "nsk_dev_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo": "QUJDREVG",
    "http://operator:hunter2@plexsphere.example": "hunter2",
    "operator:hunter2@plexsphere.example": "hunter2",
}
PLACES = [
    "{}",
    "peer {}",
    "help {}",
    "--{}",
    "--server {}",
    "--server={}",
    "--timeout {}",
    "--output {}",
    "peer list --domain {}",
    f"peer list --domain {ID} '{{}}'",
    "peer list --{}",
    "peer list --yes={}",
    "project get {}",
    "project create --slug {}",
    "project create --sub-range {}",
    "project list --limit {}",
    "bootstrap-token issue --kind {}",
    "bootstrap-token issue --env-prefix {}",
    "bootstrap-token issue --ttl {}",
    "signing rotate --scope {}",
    "signing rotate --scope platform --new-key-id {}/",
    "signing rotate --signer-endpoint {}",
    "-o json peer list --domain {}",
    "-o yaml peer {}",
]


@each("place", PLACES)
@each("secret", SECRETS)
def test_a_secret_typed_in_the_wrong_place_is_not_repeated(against, server, place, secret):
    outcome = against(place.format(secret))
    assert (outcome.code, outcome.stdout) == (2, "")
    assert SECRETS[secret] not in outcome.stderr
    assert server.requests == []


@pytest.mark.parametrize("name", ["PLEXSPHERE_URL", "PLEXSPHERE_OUTPUT"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_the_wrong_variable_is_not_repeated(refused, name, secret):
    assert SECRETS[secret] not in refused(f"peer list --domain {ID}", **{name: secret})
