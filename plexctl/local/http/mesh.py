"""Nodes, the mesh between them, and the rotation of their mesh keys."""

from plexctl.local.control.base import reasons
from plexctl.local.control.mesh import heartbeat, key_rotation, nodes, reachability, topology
from plexctl.local.http import parameters
from plexctl.local.http.bodies import KIBIBYTE, BodyRule
from plexctl.local.http.calls import Operation

OPERATIONS = (
    Operation(
        "ListNodes",
        "GET",
        "/v1/nodes",
        "List Nodes by name, of one Domain or of all.",
        lambda call: nodes.list_page(call.control, call.operator, **call.query),
        "NodeList",
        query=(*parameters.PAGE, parameters.DOMAIN_FILTER),
    ),
    Operation(
        "PostNodeHeartbeat",
        "POST",
        "/v1/nodes/{id}/heartbeat",
        "Record a Node's heartbeat.",
        lambda call: heartbeat.accept(call.control, call.bearer, call.ids["id"], call.body),
        "HeartbeatAccepted",
        caller="node",
        body=BodyRule("Heartbeat", max_bytes=64 * KIBIBYTE, malformed=reasons.MALFORMED_HEARTBEAT_REQUEST),
        refusals=(
            reasons.CLOCK_SKEW,
            reasons.BINARY_CHECKSUM_EMPTY,
            reasons.BINARY_VERSION_EMPTY,
            reasons.NODE_ID_MISMATCH,
        ),
    ),
    Operation(
        "GetNodeReachability",
        "GET",
        "/v1/nodes/{id}/reachability",
        "Read a Node's reachability.",
        lambda call: reachability.read(call.control, call.principal, call.bearer, call.ids["id"]),
        "Reachability",
        caller="either",
        refusals=(reasons.INSUFFICIENT_RELATION, reasons.NODE_ID_MISMATCH, reasons.NODE_NOT_FOUND),
    ),
    Operation(
        "PostNodeKeysRotate",
        "POST",
        "/v1/nodes/{id}/keys/rotate",
        "Request a new mesh key from a Node.",
        lambda call: key_rotation.trigger(call.control, call.operator, call.ids["id"], call.response),
        "RotationTriggered",
        refusals=(reasons.PERMISSION_DENIED, reasons.NODE_NOT_FOUND),
    ),
    Operation(
        "GetNodeKeysRotatePreview",
        "GET",
        "/v1/nodes/{id}/keys/rotate/preview",
        "Describe what a new mesh key would change, and record nothing.",
        lambda call: key_rotation.preview(call.control, call.operator, call.ids["id"]),
        "RotationPreview",
        refusals=(reasons.PERMISSION_DENIED, reasons.NODE_NOT_FOUND),
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
            too_large=reasons.KEYS_ROTATE_BODY_TOO_LARGE,
            malformed=reasons.MALFORMED_KEYS_ROTATE_REQUEST,
        ),
        refusals=(
            reasons.KEYS_ROTATE_PEER_NOT_FOUND,
            reasons.KEYS_ROTATE_NO_PENDING_ROTATION,
            reasons.KEYS_ROTATE_PUBLIC_KEY_INVALID,
            reasons.KEYS_ROTATE_PUBLIC_KEY_UNCHANGED,
        ),
    ),
    Operation(
        "GetDomainMeshTopology",
        "GET",
        "/v1/domains/{domain_id}/mesh/topology",
        "Read every anchored Node of a Domain and every edge between two.",
        lambda call: topology.document(call.control, call.operator, call.ids["domain_id"]),
        "Topology",
        refusals=(reasons.PERMISSION_DENIED, reasons.DOMAIN_NOT_FOUND),
    ),
)
