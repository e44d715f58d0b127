import base64
import dataclasses
import json
import uuid

import pytest

from plexctl.local.control.enrolment import register, tokens
from plexctl.local.control.mesh import node_secret
from tests.local.database import rows, value
from tests.local.seeded import peers_in


def enrol(seeded, body):
    return register.register(seeded.control, body, None)


def test_a_machine_becomes_a_node(seeded, project_id, clock):
    request = seeded.request(project_id)
    node = enrol(seeded, request)
    assert list(node) == [
        "node_id",
        "mesh_ip",
        "nsk",
        "signing_public_key",
        "signing_key_id",
        "peer_snapshot",
        "domain_mesh_cidr",
    ]
    assert uuid.UUID(node["node_id"]).version == 7
    assert (node["mesh_ip"], node["domain_mesh_cidr"]) == ("10.50.0.1", "10.50.0.0/24")
    assert node["signing_key_id"] == "did:plexsphere:domain/dev#k1"
    assert peers_in(node) == []
    stored = rows(seeded.control, "SELECT domain_id, project_id, public_key, mesh_ip, last_contact_at FROM nodes")
    assert stored == [(seeded.acme, project_id, request["public_key"], "10.50.0.1", clock.time)]


def test_the_signing_key_is_the_domains_own(seeded, project_id):
    node = enrol(seeded, seeded.request(project_id))
    scope = f"domain:{seeded.acme}"
    public_key = value(seeded.control, "SELECT public_key FROM signing_keys WHERE scope = ?", scope)
    assert base64.b64decode(node["signing_public_key"]) == public_key
    assert len(public_key) == 32


def test_the_secret_key_authenticates_the_node(seeded, project_id):
    node = enrol(seeded, seeded.request(project_id))
    secret = base64.b64decode(node["nsk"])
    assert len(secret) == 32
    envelope = base64.urlsafe_b64encode(uuid.UUID(node["node_id"]).bytes + secret).decode()
    with seeded.control.read(None) as tx:
        assert node_secret.authenticate(tx, f"nsk_dev_{envelope}")["id"] == node["node_id"]


def test_anchoring_is_promised_in_the_same_transaction(seeded, project_id, clock):
    settings = dataclasses.replace(seeded.control.settings, anchor_delay_us=5_000_000)
    seeded.control = dataclasses.replace(seeded.control, settings=settings)
    node = enrol(seeded, seeded.request(project_id))
    ((kind, payload, due_at),) = rows(seeded.control, "SELECT kind, payload, due_at FROM outbox")
    assert (kind, json.loads(payload)) == ("node_registered", {"node_id": node["node_id"]})
    assert due_at == clock.time + 5_000_000


def test_later_nodes_learn_of_all_the_earlier_ones_of_their_domain(seeded, project_id):
    elsewhere = seeded.project("elsewhere", sub_range_cidr="10.50.0.128/25")
    requests = [seeded.request(project) for project in (elsewhere, project_id, project_id)]
    nodes = [enrol(seeded, request) for request in requests]
    enrol(seeded, seeded.request(seeded.project("beta", seeded.beta)))
    last = enrol(seeded, seeded.request(project_id))
    order = [1, 2, 0]  # by address
    assert peers_in(last) == [
        {
            "node_id": nodes[index]["node_id"],
            "mesh_ip": nodes[index]["mesh_ip"],
            "public_key": requests[index]["public_key"],
        }
        for index in order
    ]
    assert [peer["mesh_ip"] for peer in peers_in(last)] == ["10.50.0.1", "10.50.0.2", "10.50.0.128"]


def test_addresses_sort_as_numbers(seeded, project_id):
    for _ in range(10):
        last = enrol(seeded, seeded.request(project_id))
    snapshot = peers_in(enrol(seeded, seeded.request(project_id)))
    assert last["mesh_ip"] == "10.50.0.10"
    assert [peer["mesh_ip"] for peer in snapshot] == [f"10.50.0.{octet}" for octet in range(1, 11)]


def test_a_redeemed_token_says_when(seeded, project_id):
    issued = seeded.issue(project_id)
    enrol(seeded, seeded.request(project_id, issued["token"]))
    document = tokens.get(seeded.control, seeded.viewer, project_id, issued["token_id"])
    assert document["consumed_at"] == "2026-05-28T20:26:40.000000Z"
    assert "revoked_at" not in document


@pytest.mark.parametrize(
    ("names", "resource"),
    [
        ({"resource_id": "a", "requested_resource_id": "a"}, ("a", None)),
        ({"resource_handle": "a", "requested_resource_id": "a"}, ("a", None)),
        ({"resource_handle": "a", "requested_resource_id": "b"}, ("a", "b")),
        ({"resource_handle": "a", "resource_id": "b", "requested_resource_id": "c"}, ("a", "c")),
    ],
)
def test_adoption_creates_a_resource_whose_external_ref_is_the_handle(seeded, project_id, names, resource):
    request = {field: text for field, text in seeded.request(project_id).items() if "resource" not in field}
    enrol(seeded, request | names)
    resources = rows(seeded.control, "SELECT id, project_id, external_ref, requested_id, kind FROM resources")
    resource_id = value(seeded.control, "SELECT resource_id FROM nodes")
    assert resources == [(resource_id, project_id, *resource, "vm")]


@pytest.mark.parametrize(
    "names",
    [
        {"resource_id": "known"},
        {"resource_handle": "known"},
        {"resource_handle": "known", "resource_id": "unknown"},
        {"resource_handle": "", "resource_id": "known"},
        {"resource_handle": "known", "requested_resource_id": ""},
        {"resource_handle": "known", "requested_resource_id": "known"},
        {"resource_handle": "known", "requested_resource_id": "unknown"},
    ],
)
def test_a_resource_without_a_node_is_bound_and_not_created_again(seeded, project_id, names):
    with seeded.control.store.write() as connection:
        connection.execute("INSERT INTO resources VALUES (NULL, 'r', ?, 'known', NULL, 'worker', 0)", (project_id,))
    request = {field: text for field, text in seeded.request(project_id).items() if "resource" not in field}
    enrol(seeded, request | names)
    assert rows(seeded.control, "SELECT id, external_ref, kind FROM resources") == [("r", "known", "worker")]
    assert value(seeded.control, "SELECT resource_id FROM nodes") == "r"
