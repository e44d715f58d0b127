import base64
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import pytest

from tests.local.database import content, value
from tests.plane import created, public_key, refused

AT_ONCE = 50


def test_what_is_created_says_where_it_is_read(plane):
    domain = plane.admin.post("/v1/domains", json={"name": "Delta", "slug": "delta", "mesh_cidr": "10.99.0.0/24"})
    project = plane.admin.post("/v1/projects", json={"domain_id": domain.json()["id"], "slug": "p", "name": "P"})
    tokens = f"/v1/projects/{project.json()['id']}/bootstrap-tokens"
    token = plane.admin.post(tokens, json={"kind": "node", "env_prefix": "dev", "ttl_seconds": 300})

    assert plane.admin.get(domain.headers["location"]).json() == domain.json()
    assert plane.admin.get(project.headers["location"]).json() == project.json()
    assert token.headers["location"] == f"{tokens}/{token.json()['token_id']}"
    metadata = plane.admin.get(token.headers["location"]).json()
    assert metadata["issued_by_user_id"] == plane.admin.get("/v1/auth/whoami").json()["subject"]
    assert "token" not in metadata


def test_a_project_is_its_creators_at_once(plane):
    assert plane.token(plane.project())


def test_tenancy_is_changed_and_taken_down_in_order(plane):
    domain_id = plane.domain("delta", "10.99.0.0/24")
    project_id = plane.project(domain_id=domain_id)

    changed = plane.admin.patch(f"/v1/projects/{project_id}", json={"sub_range_cidr": "10.99.0.64/26"})
    assert changed.json()["sub_range_cidr"] == "10.99.0.64/26"
    assert plane.enrol(project_id)["mesh_ip"] == "10.99.0.64"
    problem = refused(plane.admin.delete(f"/v1/domains/{domain_id}"), 409, "domain_not_empty")
    assert problem["child_counts"]["projects"] == 1
    problem = refused(plane.admin.delete(f"/v1/projects/{project_id}"), 409, "project_not_empty")
    assert problem["project_child_counts"]["nodes"] == 1


def test_an_empty_project_and_domain_are_deleted(plane):
    domain_id = plane.domain("delta", "10.99.0.0/24")
    project_id = plane.project(domain_id=domain_id)

    for path in (f"/v1/projects/{project_id}", f"/v1/domains/{domain_id}"):
        assert plane.admin.delete(path).status_code == 204
        assert plane.admin.get(path).status_code == 404


def test_a_token_is_redeemed_once(plane):
    project_id = plane.project()
    token = plane.token(project_id)
    body = plane.registration(project_id, token)

    registered = created(plane.nobody.post("/v1/register", json=body))

    assert registered["mesh_ip"] == "10.50.0.1"
    assert registered["domain_mesh_cidr"] == "10.50.0.0/24"
    assert registered["signing_key_id"] == "did:plexsphere:domain/dev#k1"
    assert len(base64.b64decode(registered["nsk"])) == 32
    again = plane.registration(project_id, token)
    refused(plane.nobody.post("/v1/register", json=again), 403, "token_consumed")
    assert value(plane.control, "SELECT count(*) FROM nodes") == 1


def test_register_takes_the_older_name_of_the_handle(plane):
    project_id = plane.project()
    body = plane.registration(project_id, plane.token(project_id))
    body["resource_id"] = body.pop("resource_handle")

    created(plane.nobody.post("/v1/register", json=body))


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"public_key": "AAAA"}, 400, "public_key_invalid"),
        ({"public_key": base64.b64encode(bytes(32)).decode()}, 400, "public_key_invalid"),
        ({"nonce": ""}, 422, "invariant_violation"),
        ({"project_id": "00000000-0000-0000-0000-000000000000"}, 422, "invariant_violation"),
        ({"bootstrap_token": f"psb_dev_{'a' * 26}_node_{'a' * 20}"}, 403, "project_mismatch"),
        ({"bootstrap_token": f"psb_dev_{'a' * 25}_node_{'a' * 20}"}, 422, "bootstrap_token_invalid"),
        ({"bootstrap_token": "nothing of the kind"}, 422, "bootstrap_token_invalid"),
        ({"requested_resource_id": ""}, 404, "resource_not_found"),
    ],
)
def test_a_refused_registration_leaves_everything_as_it_was(plane, changes, status, code):
    project_id = plane.project()
    body = plane.registration(project_id, plane.token(project_id))
    before = content(plane.control)

    refused(plane.nobody.post("/v1/register", json=body | changes), status, code)

    assert content(plane.control) == before
    created(plane.nobody.post("/v1/register", json=body))


def test_a_bridge_token_and_a_revoked_and_an_expired_one_are_refused(plane):
    project_id = plane.project()
    tokens = f"/v1/projects/{project_id}/bootstrap-tokens"
    issue = {"kind": "node", "env_prefix": "dev", "ttl_seconds": 300}
    revoked, expired = (created(plane.admin.post(tokens, json=issue)) for _ in range(2))
    bridge = created(plane.admin.post(tokens, json=issue | {"kind": "bridge", "ttl_seconds": 86_400}))
    assert plane.admin.delete(f"{tokens}/{revoked['token_id']}").status_code == 204
    refused(plane.admin.delete(f"{tokens}/{revoked['token_id']}"), 409, "token_already_revoked")

    for token, code in ((revoked, "token_revoked"), (bridge, "kind_mismatch")):
        body = plane.registration(project_id, token["token"])
        refused(plane.nobody.post("/v1/register", json=body), 403, code)
    plane.clock.ahead += 300 * 1_000_000
    body = plane.registration(project_id, expired["token"])
    refused(plane.nobody.post("/v1/register", json=body), 403, "token_expired")


def test_an_exhausted_pool_keeps_the_token(plane):
    project_id = plane.project(domain_id=plane.domain("tiny", "10.99.0.0/30"))
    for _ in range(2):
        plane.enrol(project_id)
    body = plane.registration(project_id, plane.token(project_id))

    refused(plane.nobody.post("/v1/register", json=body), 503, "pool_exhausted")

    assert value(plane.control, "SELECT count(*) FROM bootstrap_tokens WHERE consumed_at IS NULL") == 1


def test_fifty_machines_at_once_get_the_fifty_lowest_addresses(plane):
    project_id = plane.project()
    bodies = [plane.registration(project_id, plane.token(project_id)) for _ in range(AT_ONCE)]

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda body: plane.nobody.post("/v1/register", json=body), bodies))

    addresses = {int(ip_address(created(answer)["mesh_ip"])) for answer in answers}
    lowest = int(ip_address("10.50.0.1"))
    assert addresses == set(range(lowest, lowest + AT_ONCE))
    assert len({answer.json()["node_id"] for answer in answers}) == AT_ONCE
    plane.anchored(plane.domain_id(), AT_ONCE)


def test_of_two_who_redeem_one_token_at_once_one_gets_it(plane):
    project_id = plane.project()
    for number in range(1, 11):
        token = plane.token(project_id)
        bodies = [plane.registration(project_id, token, public_key=public_key()) for _ in range(2)]

        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda body: plane.nobody.post("/v1/register", json=body), bodies))

        assert sorted(answer.status_code for answer in answers) == [201, 403]
        loser = next(answer for answer in answers if answer.status_code == 403)
        refused(loser, 403, "token_consumed")
        assert value(plane.control, "SELECT count(*) FROM nodes") == number
