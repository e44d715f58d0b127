"""`node get` finds a Node in the list, with its reachability and the Resource that removes it."""

import json

import pytest

from tests.fake_server import answer, problem
from tests.samples import ID, OTHER_ID
from tests.tables import table

BARE = {"id": ID, "domain_id": OTHER_ID, "created_at": "2026-05-01T12:00:00Z", "extra": 1.5}
STALE = {"state": "stale", "changed_at": "2026-05-01T12:00:00Z"}
LINE = f"node get {ID}"


def listing(node):
    return answer(200, {"items": [node]})


def test_a_node_leads_to_the_resource_that_removes_it(admin, plane):
    node = plane.enrol(plane.project())

    found = admin("node get -o json", node["node_id"]).json
    assert found["reachability"] == "healthy"
    assert admin("resource delete --yes", found["resource_id"]).code == 0

    assert admin("node get", node["node_id"]).code == 4


def test_reachability_is_asked_for_where_the_list_has_none(against, server):
    server.play(listing(BARE), answer(200, {"state": "never_reported", "changed_at": "2026-05-01T12:00:00Z"}))

    (row,) = table(against(LINE).stdout)

    assert row["REACHABILITY"] == "never_reported"
    assert [request.target.partition("?")[0] for request in server.requests] == [
        "/v1/nodes",
        f"/v1/nodes/{ID}/reachability",
    ]


def test_the_document_keeps_the_digits_of_the_list(against, server):
    server.play(answer(200, json.dumps({"items": [BARE]}).replace("1.5}", "1.50}").encode()), answer(200, STALE))

    outcome = against(f"{LINE} -o json")

    assert outcome.json == BARE | {"reachability": "stale"}
    assert "1.50" in outcome.stdout


def test_a_list_that_has_it_is_enough(against, server):
    server.play(listing(BARE | {"reachability": "stale"}))

    assert against(LINE).code == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "code"), [(403, "permission_denied"), (404, "node_not_found")])
def test_a_caller_who_may_not_read_it_gets_the_rest(against, server, status, code):
    server.play(listing(BARE), problem(status, code))

    (row,) = table(against(LINE).stdout)

    assert (row["NODE_ID"], row["REACHABILITY"]) == (ID, "-")


def test_a_server_that_fails_meanwhile_fails_the_run(against, server):
    server.play(listing(BARE), problem(500, "oops"))

    assert against(LINE).code == 1
