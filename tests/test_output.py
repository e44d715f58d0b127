"""What stands on stdout: tables with what is absent in them, empty lists, nothing at all."""

import json

import pytest
import yaml

from tests.fake_server import answer
from tests.samples import ID, OTHER_ID, PROJECT
from tests.tables import table
from tests.tree import leaves

THIRD_ID = "019ed1c4-7314-7488-85b4-3aeb1220f38a"
PEERS = f"peer list --domain {ID}"
TOPOLOGY = f"mesh topology --domain {ID}"
TOKENS = f"bootstrap-token list --project {ID}"
LISTS = [pytest.param(placed, id=placed.name) for placed in leaves() if placed.words[1:] == ("list",)]


def node(node_id: str, mesh_ip: str, reachability: str = "healthy") -> dict:
    return {"node_id": node_id, "mesh_ip": mesh_ip, "reachability": reachability}


def edge(source: str, target: str, relay: str | None = None) -> dict:
    return {"source_node_id": source, "target_node_id": target, "relay_node_id": relay}


SNAPSHOT = {
    "nodes": [node(OTHER_ID, "10.50.0.1"), node(THIRD_ID, "10.50.0.12", "unreachable")],
    "edges": [edge(OTHER_ID, THIRD_ID), edge(THIRD_ID, OTHER_ID, ID)],
}


@pytest.fixture
def shown(against, server):
    """Have the server answer with a document, and return what a command prints of it."""

    def run(document: object, line: str) -> str:
        server.play(answer(200, document))
        outcome = against(line)
        assert (outcome.code, outcome.stderr) == (0, "")
        return outcome.stdout

    return run


def test_a_list_of_peers_is_the_table_that_people_know(shown):
    assert shown(SNAPSHOT, PEERS) == (
        "NODE_ID                               MESH_IP     REACHABILITY\n"
        f"{OTHER_ID}  10.50.0.1   healthy\n"
        f"{THIRD_ID}  10.50.0.12  unreachable\n"
    )


def test_fallback_is_empty_for_a_direct_edge_and_names_the_relay_of_another(shown):
    direct, relayed = table(shown(SNAPSHOT, TOPOLOGY))
    assert (direct["MESH_IP"], direct["FALLBACK"]) == ("10.50.0.12", "")
    assert (direct["REACH_FROM"], direct["REACH_TO"]) == ("healthy", "unreachable")
    assert (relayed["MESH_IP"], relayed["FALLBACK"]) == ("10.50.0.1", ID)
    assert (relayed["REACH_FROM"], relayed["REACH_TO"]) == ("unreachable", "healthy")


def test_an_edge_whose_ends_are_unknown_has_dashes(shown):
    (row,) = table(shown({"nodes": [], "edges": [edge(OTHER_ID, THIRD_ID)]}, TOPOLOGY))
    assert (row["FROM"], row["TO"], row["FALLBACK"]) == (OTHER_ID, THIRD_ID, "")
    assert (row["MESH_IP"], row["REACH_FROM"], row["REACH_TO"]) == ("-", "-", "-")


def test_each_node_is_listed_once(shown):
    nodes = [node(OTHER_ID, "10.50.0.1"), node(THIRD_ID, "10.50.0.2"), node(OTHER_ID, "10.50.0.1")]
    document = {"nodes": nodes, "edges": []}
    assert json.loads(shown(document, f"{PEERS} -o json")) == {"items": nodes[:2]}
    assert [row["NODE_ID"] for row in table(shown(document, PEERS))] == [OTHER_ID, THIRD_ID]


def test_a_node_that_a_snapshot_holds_twice_is_in_one_state_everywhere(shown):
    moved = {**SNAPSHOT, "nodes": [node(THIRD_ID, "10.50.0.9", "stale"), *SNAPSHOT["nodes"]]}
    last = {"NODE_ID": THIRD_ID, "MESH_IP": "10.50.0.12", "REACHABILITY": "unreachable"}
    assert last in table(shown(moved, PEERS))
    assert table(shown(moved, f"peer get --domain {ID} --node {THIRD_ID}")) == [last]
    assert {row["MESH_IP"] for row in table(shown(moved, TOPOLOGY)) if row["TO"] == THIRD_ID} == {"10.50.0.12"}


def test_what_is_absent_is_a_dash(shown):
    (row,) = table(shown({**PROJECT, "created_at": ""}, f"project get {ID}"))
    assert (row["NAME"], row["SUB_RANGE"], row["CREATED_AT"]) == ("Edge Fleet", "-", "-")


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ({}, "active"),
        ({"consumed_at": "2026-05-01T12:30:00Z"}, "consumed"),
        ({"revoked_at": "2026-05-01T12:30:00Z"}, "revoked"),
        ({"expires_at": "2026-05-01T13:00:00Z"}, "expired"),
        ({"expires_at": "2026-05-01T13:00:00Z", "consumed_at": "2026-05-01T12:30:00Z"}, "consumed"),
        ({"expires_at": "2026-05-01T13:00:00Z", "revoked_at": "2026-05-01T12:30:00Z"}, "revoked"),
        ({"expires_at": "9999-12-31T23:59:59+02:00", "revoked_at": None, "consumed_at": None}, "active"),
    ],
)
def test_the_state_of_a_token(shown, members, state):
    token = {
        "id": OTHER_ID, "project_id": ID, "kind": "node", "env_prefix": "dev",
        "issued_at": "2026-05-01T12:00:00Z", "expires_at": "9999-05-01T13:00:00Z", **members,
    }  # fmt: skip
    assert table(shown({"items": [token]}, TOKENS))[0]["STATE"] == state


@pytest.mark.parametrize("placed", LISTS)
def test_an_empty_list_is_an_empty_object_or_the_header_alone(shown, placed):
    names = ("nodes", "edges") if placed.words[0] == "peer" else ("items",)
    empty: dict[str, list[object]] = {name: [] for name in names}
    headers = [column.header for column in placed.leaf.contract.columns]
    assert shown(empty, placed.least) == "  ".join(headers) + "\n"
    assert shown(empty, f"{placed.least} -o json") == '{\n  "items": []\n}\n'
    assert shown(empty, f"{placed.least} -o yaml") == "items: []\n"


def test_an_issued_token_follows_a_warning_and_a_blank_line(shown):
    plaintext = "psb_dev_abcdefghijklmnopqrstuvwxyz_node_abcdefghijklmnopqrstuvwx"
    token = {
        "token_id": ID,
        "token": plaintext,
        "issued_at": "2026-05-01T12:00:00.5Z",
        "expires_at": "2026-05-01T15:00:00+02:00",
    }
    issue = f"bootstrap-token issue --project {ID} --kind node --env-prefix dev --ttl 1h"
    assert shown(token, issue) == (
        "# WARNING: this is the only time this plaintext will be displayed\n"
        f"{plaintext}\n\n"
        f"token_id:   {ID}\nissued_at:  2026-05-01T12:00:00Z\nexpires_at: 2026-05-01T13:00:00Z\n"
    )
    assert json.loads(shown(token, f"{issue} -o json")) == token
    assert yaml.safe_load(shown(token, f"{issue} -o yaml")) == token
