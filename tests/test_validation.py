"""Each kind of value: the forms refused, before anything is sent, and what is sent for the forms accepted."""

import json

import pytest

from tests.each import each
from tests.fake_server import answer
from tests.samples import ID, OTHER_ID, PROJECT
from tests.tree import leaves

CREATE = f"project create --domain {ID} --slug s --display-name N"
ADOPT = f"resource adopt --project-id {ID} --kind vm"
ISSUE = f"bootstrap-token issue --project {ID} --kind node --env-prefix dev"
ROTATE = "signing rotate --scope platform --new-key-id k"

A_UUID = "is not a UUID"
NEITHER = "is neither a UUID nor a slug"
A_SLUG = "is not a slug: 1 to 64 of a-z and 0-9, in words joined by single hyphens"
A_PREFIX = "is not an env prefix: 1 to 32 of a-z"
A_DURATION = "is not a duration such as 90s, 5m or 1h30m"
A_CIDR = "is not a CIDR block such as 10.50.0.0/26"
A_SCOPE = "is not a signing scope: platform, or domain:<uuid>"
A_KEY_ID = "is not a key id: one or more of A-Z a-z 0-9 - . _ ~"
AN_ENDPOINT = "is not HOST:PORT (an IPv6 address goes in brackets: [::1]:9443)"
A_SERVER = "is not a server URL such as https://plexsphere.example or http://localhost:8080"
A_LIMIT = "is not a whole number from 0 (the server's default) to 999999999"

REFUSED = [
    ("resource get", "ID", A_UUID, [
        "", "x", ID[:-1], ID + "0", f"{{{ID}}}", ID.replace("-", ""), ID + "\n", "é", "acme-corp",
    ]),
    ("peer list", "--domain", NEITHER, ["", "X_", "Acme", "a--b", ID[:-1] + "_", f"{{{ID}}}", ID + "\n", "é"]),
    ("project get", "ID", NEITHER, ["", "a" * 65]),
    ("node get", "ID", "is neither a UUID nor a name", [" ", "\udcff"]),
    ("node get", "ID", "is not a UUID or name", [""]),
    ("mesh map --domain acme-corp", "--to", "is not a file that ends with .svg, .dot or .mmd", ["", "a.png", ".svg"]),
    ("mesh map --domain acme-corp", "--to", "is not in a directory that exists", ["/nowhere/at/all/mesh.svg"]),
    (CREATE, "--slug", A_SLUG, ["", "-a", "a-", "a--b", "A", "a_b", "a b", "é", "a" * 65]),
    (ISSUE, "--env-prefix", A_PREFIX, ["", "DEV", "dev1", "dev-x", "é", "a" * 33]),
    (ADOPT, "--kind", "is not a kind", [""]),
    (ADOPT, "--kind", "is only white space", [" ", "\t "]),
    (ADOPT, "--kind", "has more than 64 characters", ["v" * 65]),
    (ADOPT, "--external-ref", "is not a reference", [""]),
    (ISSUE, "--kind", "is not one of node, bridge", ["", "nod", "NODE", "node "]),
    (ISSUE, "--ttl", A_DURATION, ["", "5", "1h30", "h", "-5m", "1 h", "1d", "1h 30m", "1,5h", "٣h", "1h30m "]),
    (ISSUE, "--ttl", "is not a whole number of seconds", ["1.5s", "1500ms", "1ns"]),
    (ISSUE, "--ttl", "is longer than the longest duration (about 292 years)", ["2562048h", "9" * 19 + "s"]),
    ("domain list", "--timeout", A_DURATION, ["30", "forever", "9" * 190 + "s"]),
    ("domain list", "--max-response", "is not a number of bytes such as 1048576, 64M or 1GiB", [
        "", "x", "-1", "1.5M", "64m", "64MB", "1 G", "٣", "1e6", "9" * 20,
    ]),
    ("domain list", "--max-response", "must be greater than 0", ["0", "0M"]),
    ("domain list", "--timeout", "must be greater than 0s", ["0", "0s", "0h0m"]),
    (CREATE, "--sub-range", A_CIDR, [
        "", "10.50.0.0", "10.50.0.0/33", "10.50.0/24", "10.50.0.0/255.255.255.0", "x/8", "::/129",
    ]),
    (CREATE, "--sub-range", "is not a canonical CIDR block; did you mean 10.50.0.0/24?", ["10.50.0.1/24"]),
    (CREATE, "--sub-range", "is not a canonical CIDR block; did you mean fd00::/8?", ["FD00::/8", "fd00:0::/8"]),
    (ROTATE, "--scope", A_SCOPE, ["", "Platform", "domain", "domain:", "domain:x", f"domain:{ID} ", f"project:{ID}"]),
    (ROTATE, "--new-key-id", A_KEY_ID, ["", "a b", "a/b", "k#1", "a%20b", "é", "k:1"]),
    (ROTATE, "--signer-endpoint", AN_ENDPOINT, [
        "", "localhost", ":9443", "localhost:", "localhost:0", "localhost:65536", "localhost:x", "::1:9443", "[::1]",
        "[1.2.3.4]:1", "[x]:1", "http://localhost:9443", "a b:1", "-a:1", "1.2.3.400:1", "localhost:9443/",
    ]),
    ("domain list", "--server", A_SERVER, [
        "", "localhost:8080", "localhost", "ftp://localhost", "http://", "http://:80", "http:///v1", "http://a:0",
        "http://a:65536", "http://a b", "http://a/?q=1", "http://a/#f", "http://[::1", "http://::1", "https:/a",
    ]),
    ("domain list", "--server", A_SERVER, ["http://a/\udcff"]),
    ("domain list", "--cursor", "is not UTF-8", ["\udcff"]),
    (CREATE, "--description", "is not UTF-8", ["a\udcffb"]),
    ("domain list", "--limit", A_LIMIT, ["", "-1", "1.5", "ten", "1e3", "٣", "1" * 10]),
    (f"peer wait --domain {ID}", "--count", "is not a whole number from 1 to 999999999", [
        "", "-1", "0", "1.5", "ten", "٣", "1" * 10,
    ]),
    ("local fleet --project p", "--nodes", "is not a whole number from 1 to 1000", ["", "-1", "0", "1001", "9" * 20]),
    ("api POST /v1/x", "--field", "is not NAME=VALUE", ["", "a", "=b"]),
    ("domain list", "--output", "is not one of text, json, yaml, name", ["", "JSON", "xml", "text,json"]),
    ("domain list", "--query", "is not a JMESPath expression", [""]),
    ("domain list", "--query", "is not UTF-8", ["\udcff"]),
    ("domain list", "--query", "is not a JMESPath expression: it ends too early, at character 7", ["items[", "a.b.c."]),
    ("domain list", "--query", "is not a JMESPath expression: unexpected 'b' at character 3", ["a b"]),
    ("domain list", "--query", "is not a JMESPath expression: unclosed ' delimiter at character 3", ["a.'b"]),
    ("domain list", "--query", "is not a JMESPath expression: unknown token # at character 1", ["#"]),
    ("domain list", "--query", "is not a JMESPath expression: the step of a slice cannot be 0", ["items[::0]"]),
    ("domain list", "--query", "is not a JMESPath expression: & belongs to an argument of a function", ["&items"]),
    ("domain list", "--query", "is nested in more than 50 levels", ["|".join("a" * 60), "!" * 60 + "a"]),
    ("domain list", "--query", "has a wrong call: length() at character 1 takes 1 arguments, and got 2", [
        "length(a, b)",
    ]),
    ("domain list", "--query", "has a wrong call: max() at character 5 takes no expression with &", ["a | max(&b)"]),
    ("domain list", "--query", "has a wrong call: map() at character 1 takes an expression with & as argument 1", [
        "map(a, b)",
    ]),
    ("domain list", "--columns", "is not a list of columns", [""]),
    ("domain list", "--columns", "has an empty name", [",", "ID,", "ID,,SLUG", " "]),
    ("domain list", "--columns", "is not UTF-8", ["\udcff"]),
]  # fmt: skip
CASES = [
    pytest.param(line, name, form, value, id=f"{name} {value[:30]!r}")
    for line, name, form, values in REFUSED
    for value in values
]


@each(("line", "name", "form", "value"), CASES)
def test_refused_by_name_value_and_form(against, server, line, name, form, value):
    outcome = against(line, f"{name}={value}" if name.startswith("--") else value)
    where = "api" if line.startswith("api ") else " ".join(line.split(" ")[:2])
    form += "" if value else "; a variable is probably unset"
    said = f"plexctl: {where}: {name}: {value!r} {form} (try 'plexctl {where} --help')\n"
    assert outcome == (2, "", said)
    assert server.requests == []


def types(name: str | None = None, line: str = "") -> set[str]:
    """The types of the values that commands take; or of one flag or argument of a command."""
    return {
        parameter.type.name
        for placed in leaves()
        for parameter in placed.leaf.params
        if placed.words[0] != "local" and line.startswith(placed.name if line else "")
        if name is None or name in {*parameter.opts, parameter.metavar}
    }


def test_every_kind_of_value_that_has_a_form_is_among_them():
    free = {"PATH", "FILE", "NAME", "SHELL", "boolean", "text"}  # any path and name, a switch, the words of help
    checked = {found for line, name, _, _ in REFUSED for found in types(name, line)}
    assert types() - free - checked == set(), (
        "tests/test_validation.py: REFUSED has no value that these refuse: add one"
    )


def test_a_control_character_in_a_value_is_spelt_out(against):
    outcome = against("peer list --domain", "a\x1b[31m\nb")
    assert outcome.stderr.startswith(r"plexctl: peer list: --domain: 'a\x1b[31m\nb' is neither a UUID")


@pytest.mark.parametrize(
    ("text", "sent"),
    [("1h", 3600), ("90s", 90), ("1h30m", 5400), ("1.5h", 5400), (".5m", 30), ("1500ms500ms", 2), ("0", 0)],
)
def test_a_ttl_is_sent_in_whole_seconds_and_its_bounds_are_the_servers(against, server, text, sent):
    server.play(answer(422, {"title": "no"}))
    assert against(ISSUE, "--ttl", text).code == 2
    assert json.loads(server.requests[0].body)["ttl_seconds"] == sent


def test_a_uuid_is_sent_in_lower_case(against, server):
    server.play(answer(200, PROJECT))
    assert against("project get", OTHER_ID.upper()).code == 0
    assert server.requests[0].target == f"/v1/projects/{OTHER_ID}"


@pytest.mark.parametrize("value", ["10.50.0.0/26", "10.50.0.7/32", "0.0.0.0/0", "fd00::/8"])
def test_a_canonical_cidr_is_sent_as_it_is(against, server, value):
    server.play(answer(201, PROJECT))
    assert against(f"{CREATE} --sub-range", value).code == 0
    assert json.loads(server.requests[0].body)["sub_range_cidr"] == value


@pytest.mark.parametrize("text", [" ", "-x", "--yes", "Ünïcode", "a\tb"])
def test_free_text_is_sent_as_it_is(against, server, text):
    server.play(answer(200, PROJECT))
    assert against(f"project update {ID}", f"--description={text}").code == 0
    assert json.loads(server.requests[0].body) == {"description": text}
