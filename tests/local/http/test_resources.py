"""Resources over HTTP: adopted, listed, read, and deleted with their Nodes."""

from plexctl.identifiers import uuid7
from plexctl.local.control.worker import deliver_due
from tests.each import each
from tests.local.database import TOLD, rows, value
from tests.plane import created, live_plane, nsk_bearer, public_key, refused
from tests.waiting import eventually


def path_of(project_id):
    return f"/v1/projects/{project_id}/resources"


def adopt(plane, project_id, **body):
    return plane.admin.post(path_of(project_id), json={"origin": "adopted", "kind": "vm", **body})


def two_peers(plane):
    """Enrol two Nodes and return the Resource of the first, and both registrations."""
    project_id = plane.project()
    one, other = plane.enrol(project_id), plane.enrol(project_id)
    plane.anchored(plane.domain_id(), 2)
    resource_id = value(plane.control, "SELECT resource_id FROM nodes WHERE id = ?", one["node_id"])
    return resource_id, one, other


def test_an_adopted_resource_is_answered_located_and_read(plane):
    project_id = plane.project()
    answer = adopt(plane, project_id, kind=" worker ", external_ref=" rack-7 ")
    resource = created(answer)
    assert answer.headers["location"] == f"/v1/resources/{resource['id']}"
    assert resource == {
        "id": resource["id"],
        "project_id": project_id,
        "domain_id": plane.domain_id(),
        "kind": "worker",
        "external_ref": "rack-7",
        "origin": "adopted",
        "created_at": resource["created_at"],
        "updated_at": resource["created_at"],
    }
    assert plane.viewer.get(answer.headers["location"]).json() == resource
    assert "external_ref" not in created(adopt(plane, project_id))


@each(
    ("body", "code"),
    [
        ({}, "invalid_resource_origin"),
        ({"kind": "vm"}, "invalid_resource_origin"),
        ({"origin": None, "kind": "vm"}, "invalid_resource_origin"),
        ({"origin": "Adopted", "kind": "vm"}, "invalid_resource_origin"),
        ({"origin": ["adopted"], "kind": "vm"}, "invalid_resource_origin"),
        ({"origin": "adopted"}, "invalid_body"),
        ({"origin": "adopted", "kind": "  "}, "invalid_body"),
        ({"origin": "adopted", "kind": 7}, "invalid_body"),
        ({"origin": "adopted", "kind": "vm", "external_ref": " "}, "invalid_body"),
        ({"origin": "adopted", "kind": "vm", "external_ref": None}, "invalid_body"),
        ({"origin": "adopted", "kind": "vm", "blueprint_version_id": uuid7()}, "invalid_body"),
        ({"origin": "adopted", "kind": "vm", "parameters": {}}, "invalid_body"),
        ({"origin": "adopted", "kind": "vm", "more": 1}, "invalid_body"),
    ],
)
def test_what_is_not_an_adoption_is_refused(untouched, body, code):
    refused(untouched.admin.post(path_of(uuid7()), json=body), 400, code)


def test_a_resource_cannot_be_provisioned(untouched):
    body = {"origin": "provisioned", "kind": "vm", "blueprint_version_id": uuid7(), "cloud_credential_id": uuid7()}
    refused(untouched.admin.post(path_of(uuid7()), json=body), 501, "resource_provisioning_not_provisioned")


def test_a_project_has_an_external_ref_once(plane):
    project_id, other = plane.project(), plane.project("other")
    resource = created(adopt(plane, project_id, external_ref="rack-7"))
    refused(adopt(plane, project_id, external_ref="rack-7"), 409, "resource_conflict")
    created(adopt(plane, other, external_ref="rack-7"))
    assert plane.admin.delete(f"/v1/resources/{resource['id']}").status_code == 204
    created(adopt(plane, project_id, external_ref="rack-7"))


def test_resources_are_listed_in_the_order_of_their_adoption(plane):
    project_id = plane.project()
    adopted = [created(adopt(plane, project_id, external_ref=name)) for name in ("c", "a", "b")]
    adopted += [created(adopt(plane, project_id)) for _ in range(2)]
    seen, query = [], {"limit": 2}
    while query:
        page = plane.viewer.get(path_of(project_id), params=query).json()
        seen += page["items"]
        query = {"limit": 2, "cursor": page["next_cursor"]} if "next_cursor" in page else {}
    assert seen == adopted
    assert plane.admin.get(path_of(uuid7())).json() == {"items": []}


def test_what_does_not_exist_is_not_found(untouched):
    for name in (uuid7(), "not-a-uuid"):
        refused(untouched.admin.get(f"/v1/resources/{name}"), 404, "resource_not_found")
    refused(untouched.admin.delete(f"/v1/resources/{uuid7()}"), 404, "resource_not_found")
    refused(untouched.admin.delete("/v1/resources/not-a-uuid"), 400, "invalid_resource_id")
    refused(adopt(untouched, uuid7()), 404, "project_not_found")
    refused(adopt(untouched, "not-a-uuid"), 400, "invalid_project_id")


def test_a_node_binds_to_an_adopted_resource(plane):
    project_id = plane.project()
    resource = created(adopt(plane, project_id, kind="bridge", external_ref="rack-7"))
    body = plane.registration(project_id, plane.token(project_id), resource_handle="rack-7", requested_resource_id="")
    created(plane.nobody.post("/v1/register", json=body))
    assert plane.admin.get(path_of(project_id)).json()["items"] == [resource]
    (node,) = plane.admin.get("/v1/nodes").json()["items"]
    assert (node["name"], node["kind"]) == ("rack-7", "bridge")


def test_the_resource_that_a_registration_adopts_can_be_read(plane):
    project_id = plane.project()
    plane.enrol(project_id)
    (resource,) = plane.admin.get(path_of(project_id)).json()["items"]
    assert (resource["kind"], resource["external_ref"]) == ("vm", "edge-router-001")


def test_deleting_a_resource_deregisters_its_node(plane):
    resource_id, one, other = two_peers(plane)
    node = plane.client(nsk_bearer(one))
    assert plane.admin.delete(f"/v1/resources/{resource_id}").status_code == 204

    path = f"/v1/nodes/{one['node_id']}"
    refused(node.get(f"{path}/reachability"), 401, "nsk_revoked")
    refused(node.post(f"{path}/heartbeat", json={}), 401, "nsk_revoked")
    refused(node.post("/v1/keys/rotate", json={"new_public_key": public_key()}), 401, "nsk_revoked")
    refused(plane.admin.get(f"{path}/reachability"), 404, "node_not_found")
    refused(plane.admin.get(f"/v1/resources/{resource_id}"), 404, "resource_not_found")
    assert [item["id"] for item in plane.admin.get("/v1/nodes").json()["items"]] == [other["node_id"]]
    topology = plane.anchored(plane.domain_id(), 1)
    assert (topology["nodes"][0]["node_id"], topology["edges"]) == (other["node_id"], [])
    assert rows(plane.control, "SELECT node_id FROM psks") == [(other["node_id"],)]


def test_the_address_of_a_deregistered_node_is_free(plane):
    resource_id, one, _ = two_peers(plane)
    plane.admin.delete(f"/v1/resources/{resource_id}")
    (project,) = plane.admin.get("/v1/projects").json()["items"]
    again = plane.enrol(project["id"])
    assert again["mesh_ip"] == one["mesh_ip"]
    assert again["node_id"] != one["node_id"]


def test_the_other_nodes_are_informed_once(plane):
    resource_id, one, other = two_peers(plane)
    plane.admin.delete(f"/v1/resources/{resource_id}")
    sql = f"SELECT node_id FROM ({TOLD}) WHERE payload ->> 'change' = 'peer_left'"
    assert eventually(lambda: rows(plane.control, sql)) == [(other["node_id"],)]
    assert value(plane.control, "SELECT count(*) FROM outbox WHERE payload ->> 'node_id' = ?", one["node_id"]) == 2


def test_a_node_that_is_not_anchored_yet_is_deregistered(tmp_path):
    with live_plane(tmp_path / "plane", anchor_delay_us=3600 * 1_000_000) as plane:
        project_id = plane.project()
        plane.enrol(project_id)
        (resource,) = plane.admin.get(path_of(project_id)).json()["items"]
        assert plane.admin.delete(f"/v1/resources/{resource['id']}").status_code == 204
        plane.clock.ahead = 3600 * 1_000_000
        assert deliver_due(plane.control) == 1
        assert rows(plane.control, "SELECT * FROM peers") == []


def test_project_and_domain_can_be_deleted_once_their_resources_are(plane):
    domain_id = plane.domain("delta", "10.77.0.0/24")
    project_id = plane.project("delta", domain_id)
    node = plane.client(nsk_bearer(registered := plane.enrol(project_id)))
    plane.anchored(domain_id, 1)
    plane.admin.post(f"/v1/nodes/{registered['node_id']}/keys/rotate")
    counts = refused(plane.admin.delete(f"/v1/domains/{domain_id}"), 409, "domain_not_empty")["child_counts"]
    assert (counts["projects"], counts["nodes"]) == (1, 1)
    refused(plane.admin.delete(f"/v1/projects/{project_id}"), 409, "project_not_empty")

    for resource in plane.admin.get(path_of(project_id)).json()["items"]:
        assert plane.admin.delete(f"/v1/resources/{resource['id']}").status_code == 204
    assert plane.admin.delete(f"/v1/projects/{project_id}").status_code == 204
    assert plane.admin.delete(f"/v1/domains/{domain_id}").status_code == 204
    refused(node.get(f"/v1/nodes/{registered['node_id']}/reachability"), 401, "nsk_revoked")
