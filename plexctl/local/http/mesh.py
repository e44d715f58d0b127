"""Nodes, the mesh between them, and the rotation of their mesh keys."""

from plexctl.local.control.mesh import heartbeat, key_rotation, nodes, reachability, topology
from plexctl.local.http.bodies import KIBIBYTE, BodyRule
from plexctl.local.http.calls import Call, Operation


def _list_nodes(call: Call) -> dict[str, object]:
    return nodes.list_page(call.control, call.operator, *call.page(), call.query.get("domain_id"))


OPERATIONS = (
    Operation(
        "ListNodes",
        "GET",
        "/v1/nodes",
        "List Nodes by name, of one Domain or of all.",
        _list_nodes,
        "NodeList",
        query=("limit", "cursor", "domain_id"),
    ),
    Operation(
        "PostNodeHeartbeat",
        "POST",
        "/v1/nodes/{id}/heartbeat",
        "Take a Node's heartbeat.",
        lambda call: heartbeat.accept(call.control, call.bearer, call.ids["id"], call.body),
        "HeartbeatAccepted",
        caller="node",
        body=BodyRule("Heartbeat", max_bytes=64 * KIBIBYTE, malformed="malformed_heartbeat_request"),
        refusals=("clock_skew", "binary_checksum_empty", "binary_version_empty", "node_id_mismatch"),
    ),
    Operation(
        "GetNodeReachability",
        "GET",
        "/v1/nodes/{id}/reachability",
        "Tell whether a Node can be reached.",
        lambda call: reachability.read(call.control, call.operator, call.ids["id"]),
        "Reachability",
        refusals=("insufficient_relation", "node_not_found"),
    ),
    Operation(
        "PostNodeKeysRotate",
        "POST",
        "/v1/nodes/{id}/keys/rotate",
        "Ask a Node for a new mesh key.",
        lambda call: key_rotation.trigger(call.control, call.operator, call.ids["id"], call.response),
        "RotationTriggered",
        refusals=("permission_denied", "node_not_found"),
    ),
    Operation(
        "GetNodeKeysRotatePreview",
        "GET",
        "/v1/nodes/{id}/keys/rotate/preview",
        "Tell what a new mesh key would touch, and change nothing.",
        lambda call: key_rotation.preview(call.control, call.operator, call.ids["id"]),
        "RotationPreview",
        refusals=("permission_denied", "node_not_found"),
    ),
    Operation(
        "PostKeysRotate",
        "POST",
        "/v1/keys/rotate",
        "Complete the calling Node's rotation with its new key.",
        lambda call: key_rotation.complete(call.control, call.bearer, call.body, call.response),
        "RotationReceipt",
        caller="node",
        body=BodyRule(
            "RotationCompletion",
            max_bytes=4 * KIBIBYTE,
            too_large="keys_rotate_body_too_large",
            malformed="malformed_keys_rotate_request",
        ),
        refusals=(
            "keys_rotate_peer_not_found",
            "keys_rotate_no_pending_rotation",
            "keys_rotate_public_key_invalid",
            "keys_rotate_public_key_unchanged",
        ),
    ),
    Operation(
        "GetDomainMeshTopology",
        "GET",
        "/v1/domains/{domain_id}/mesh/topology",
        "Read every anchored Node of a Domain and every edge between two.",
        lambda call: topology.document(call.control, call.operator, call.ids["domain_id"]),
        "Topology",
        refusals=("permission_denied", "domain_not_found"),
    ),
)
