"""Names in place of UUIDs: the slug of a Domain or Project and the name of a Node."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import FORMATS, ID, OTHER_ID, PROJECT
from tests.tables import table
from tests.tree import leaves

DOMAIN = {**PROJECT, "slug": "acme-corp", "mesh_cidr": "10.50.0.0/24"}
ELSEWHERE = {**PROJECT, "id": OTHER_ID, "domain_id": ID}
NODE = {"id": ID, "domain_id": OTHER_ID, "project_id": OTHER_ID, "name": "web-1", "created_at": PROJECT["created_at"]}


def page(*items, **members):
    return answer(200, {"items": list(items), **members})


def asked(server):
    """Each request's path, and its query without the size of a page."""
    parts = [urlsplit(request.target) for request in server.requests]
    return [(part.path, {k: v for k, v in parse_qsl(part.query) if k != "limit"}) for part in parts]


def test_a_whole_day_by_names_alone(admin, plane):
    project_id = plane.project("edge-fleet")
    node = plane.enrol(project_id)
    plane.anchored(plane.domain_id(), 1)
    (name,) = [row["NAME"] for row in table(admin("node list --domain acme-corp").stdout)]

    for line in (
        "domain get acme-corp",
        "domain update acme-corp --description 'A tenant'",
        "project list --domain acme-corp",
        "project get edge-fleet --domain acme-corp",
        "project update edge-fleet --display-name Fleet",
        "bootstrap-token issue --project edge-fleet --kind node --env-prefix dev --ttl 1h",
        "bootstrap-token list --project edge-fleet --domain acme-corp",
        "resource list --project-id edge-fleet",
        "resource list --project edge-fleet",
        f"node get {name}",
        f"state get --node {name}",
        f"peer get --domain acme-corp --node {name}",
        f"key rotate --node {name} --dry-run",
        "mesh topology --domain acme-corp",
    ):
        assert admin(line).code == 0, line

    assert admin(f"node get {name} -o json").json["id"] == node["node_id"]


def test_the_white_space_around_a_name_does_not_count(admin, plane):
    project_id = plane.project("edge-fleet")
    body = plane.registration(project_id, plane.token(project_id)) | {"resource_handle": " padded "}
    node_id = plane.nobody.post("/v1/register", json=body).json()["node_id"]
    assert admin("node get ' padded ' -o json").json["id"] == node_id


@pytest.mark.parametrize("line", [f"project get {ID} --domain acme-corp", f"project get {ID.upper()}"])
def test_a_uuid_is_not_looked_up_nor_is_the_scope_that_nothing_needs(against, server, line):
    server.play(answer(200, PROJECT))

    assert against(line).code == 0
    assert asked(server) == [(f"/v1/projects/{ID}", {})]


def test_a_name_costs_one_read_and_the_scope_another(against, server):
    server.play(page(DOMAIN), page(PROJECT), answer(200, PROJECT))

    assert against("project get edge-fleet --domain acme-corp").code == 0
    assert asked(server) == [
        ("/v1/domains", {}),
        ("/v1/projects", {"domain_id": ID}),
        (f"/v1/projects/{ID}", {}),
    ]


def test_a_name_is_looked_for_on_every_page_until_it_is_found_where_it_is_unique(against, server):
    other = {**DOMAIN, "slug": "other"}
    server.play(page(other, next_cursor="a"), page(DOMAIN, next_cursor="b"), answer(200, DOMAIN))

    assert against("domain get acme-corp").code == 0
    assert asked(server)[:2] == [("/v1/domains", {}), ("/v1/domains", {"cursor": "a"})]


def test_a_project_in_all_domains_is_looked_for_to_the_end(against, server):
    server.play(page(PROJECT, next_cursor="a"), page(ELSEWHERE))

    outcome = against("project get edge-fleet")

    assert outcome == (
        2,
        "",
        f"plexctl: project get: ID: 'edge-fleet' is the slug of 2 Projects: {ID} (Domain {OTHER_ID}), "
        f"{OTHER_ID} (Domain {ID}); give --domain or the UUID (try 'plexctl project get --help')\n",
    )


def test_a_node_name_that_several_have_is_refused_with_ten_candidates_at_most(against, server):
    server.play(page(*[NODE] * 12))

    outcome = against("key rotate --node web-1")

    assert outcome.code == 2
    assert outcome.stderr.startswith("plexctl: key rotate: --node: 'web-1' is the name of 12 Nodes: ")
    assert outcome.stderr.count(f"(Project {OTHER_ID})") == 10
    assert " and 2 more; give the UUID (try" in outcome.stderr


def test_a_peer_is_looked_up_in_its_domain(against, server):
    server.play(page(DOMAIN), page(NODE), answer(404, {}))

    against("peer get --domain acme-corp --node web-1")

    assert asked(server)[1] == ("/v1/nodes", {"domain_id": ID})


def test_a_server_that_sends_no_names_of_nodes_says_so(against, server):
    server.play(page({name: value for name, value in NODE.items() if name != "name"}))

    outcome = against("state get --node web-1")

    assert outcome.code == 2
    assert "--node: 'web-1': the server lists Nodes without names; give the UUID" in outcome.stderr


@each("output", FORMATS)
@each(
    ("line", "code", "detail"),
    [
        ("domain get acme", "domain_not_found", "no Domain has the slug 'acme'"),
        ("project get lab", "project_not_found", "no Project has the slug 'lab'"),
        (f"project get lab --domain {ID}", "project_not_found", f"no Project of Domain {ID} has the slug 'lab'"),
        ("node get web-2", "node_not_found", "no Node has the name 'web-2'"),
    ],
)
def test_what_nothing_is_called_is_not_found(against, server, line, code, detail, output):
    found = {"domain": DOMAIN, "project": PROJECT, "node": NODE}[line.partition(" ")[0]]
    server.play(page(found))

    outcome = against(f"{line} -o {output}")

    error = assert_failed(outcome, output, 4)
    assert detail in (error["detail"] if error else outcome.stderr)
    assert error is None or (error["kind"], error["code"]) == ("not_found", code)


@pytest.mark.parametrize("line", ["project delete edge-fleet", "domain delete acme-corp"])
def test_nothing_is_looked_up_for_a_command_that_is_refused(against, server, line):
    assert against(line).code == 2
    assert server.requests == []


def test_a_token_typed_in_place_of_a_name_is_not_repeated(against, server):
    server.play(page(PROJECT))

    outcome = against("project get psb-dev-0wn-b34r3r", PLEXSPHERE_TOKEN="psb-dev-0wn-b34r3r")

    assert outcome.code == 4
    assert "0wn" not in outcome.stderr


def test_signing_consults_no_http_api(against, server):
    assert against("signing rotate --scope domain:acme-corp --new-key-id k2").code == 2
    assert server.requests == []


@each("placed", leaves())
def test_every_leaf_that_takes_a_project_takes_the_domain_to_look_it_up_in(placed):
    types = {getattr(parameter.type, "noun", None) for parameter in placed.leaf.params}
    assert "Project" not in types or "Domain" in types
