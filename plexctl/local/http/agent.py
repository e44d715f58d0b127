"""What a Node's agent calls with the Node's secret key; an operator may read some of it."""

from functools import partial

from starlette.responses import Response

from plexctl.local.control.base import reasons
from plexctl.local.control.mesh import (
    capabilities,
    edge_keys,
    endpoints,
    event_bus,
    heartbeat,
    key_rotation,
    reachability,
    reports,
    snapshot,
)
from plexctl.local.http import event_stream, parameters
from plexctl.local.http.bodies import KIBIBYTE, BodyRule
from plexctl.local.http.calls import Call, Operation
from plexctl.local.http.event_stream import EventStream

_PSK_HEADERS = {
    "X-Plexsphere-PSK-KID": "The id of the secret key that the envelope is sealed under.",
    "X-Plexsphere-PSK-Epoch": "When the two keys were issued, caller first; the envelope's authenticated data.",
    "Cache-Control": "no-store",
}


def _edge_key(call: Call) -> Response:
    sealed = edge_keys.fetch(call.control, call.bearer, call.ids["id"], call.ids["peer_node_id"])
    headers = dict(zip(_PSK_HEADERS, (sealed.kid, sealed.epoch, "no-store"), strict=True))
    return Response(sealed.envelope, headers=headers, media_type="application/octet-stream")


def _events(call: Call) -> Response:
    node_id, last_event_id = call.ids["id"], call.query["Last-Event-ID"]
    after = event_bus.subscribe(call.control, call.principal, call.bearer, node_id, last_event_id)
    return EventStream(partial(event_bus.read, call.control, node_id), after, call.threads, call.control.listeners)


OPERATIONS = (
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
        "GetNodeState",
        "GET",
        "/v1/nodes/{id}/state",
        "Read a Node's snapshot.",
        lambda call: snapshot.read(call.control, call.principal, call.bearer, call.ids["id"]),
        "NodeState",
        caller="either",
        refusals=(reasons.INSUFFICIENT_RELATION, reasons.NODE_ID_MISMATCH, reasons.NODE_NOT_FOUND),
    ),
    Operation(
        "PutNodeStateReport",
        "PUT",
        "/v1/nodes/{id}/state/reports/{key}",
        "Record what a workload on the Node reports.",
        lambda call: reports.record(call.control, call.bearer, call.ids["id"], call.ids["key"], call.body),
        "StateReportAccepted",
        caller="node",
        body=BodyRule(
            "StateReport",
            max_bytes=128 * KIBIBYTE,
            too_large=reasons.PAYLOAD_TOO_LARGE,
            malformed=reasons.INVALID_REPORT,
        ),
        refusals=(reasons.NODE_ID_MISMATCH, reasons.NODE_NOT_FOUND, reasons.REPORT_QUOTA_EXCEEDED),
    ),
    Operation(
        "DeleteNodeStateReport",
        "DELETE",
        "/v1/nodes/{id}/state/reports/{key}",
        "Delete what a workload on the Node has reported.",
        lambda call: reports.delete(call.control, call.bearer, call.ids["id"], call.ids["key"]),
        None,
        status=204,
        caller="node",
        refusals=(reasons.NODE_ID_MISMATCH, reasons.REPORT_NOT_FOUND),
    ),
    Operation(
        "GetNodePeerPSK",
        "GET",
        "/v1/nodes/{id}/peers/{peer_node_id}/psk",
        "Fetch the pre-shared key of an edge, sealed under the Node's secret key.",
        _edge_key,
        "SealedKey",
        caller="node",
        media_type="application/octet-stream",
        headers=_PSK_HEADERS,
        refusals=(
            reasons.NODE_ID_MISMATCH,
            reasons.NODE_DEREGISTERED,
            reasons.PEER_NOT_FOUND,
            reasons.PSK_NOT_READY,
        ),
    ),
    Operation(
        "PutNodeEndpoint",
        "PUT",
        "/v1/nodes/{id}/endpoint",
        "Record where the Node was seen from outside its network.",
        lambda call: endpoints.report(call.control, call.bearer, call.ids["id"], call.body),
        "EndpointAccepted",
        caller="node",
        body=BodyRule(
            "EndpointReport",
            max_bytes=4 * KIBIBYTE,
            too_large=reasons.ENDPOINT_BODY_TOO_LARGE,
            malformed=reasons.MALFORMED_ENDPOINT_REQUEST,
        ),
        refusals=(
            reasons.ENDPOINT_CLOCK_SKEW,
            reasons.ENDPOINT_UNPARSEABLE,
            reasons.NODE_ID_MISMATCH,
            reasons.ENDPOINT_PEER_NOT_FOUND,
            reasons.ENDPOINT_PEER_GONE,
        ),
    ),
    Operation(
        "PutNodeCapabilities",
        "PUT",
        "/v1/nodes/{id}/capabilities",
        "Record what the Node's agent is and can do.",
        lambda call: capabilities.record(call.control, call.bearer, call.ids["id"], call.body),
        "CapabilitiesAccepted",
        caller="node",
        body=BodyRule(
            "CapabilityManifest",
            max_bytes=32 * KIBIBYTE,
            too_large=reasons.CAPABILITIES_BODY_TOO_LARGE,
            malformed=reasons.MALFORMED_CAPABILITIES_REQUEST,
        ),
        refusals=(
            reasons.BINARY_VERSION_EMPTY,
            reasons.BINARY_CHECKSUM_INVALID,
            reasons.SSH_HOST_KEY_FINGERPRINT_INVALID,
            reasons.DECLARED_HOOK_INVALID,
            reasons.DECLARED_HOOK_DUPLICATE,
            reasons.DECLARED_HOOKS_TOO_MANY,
            reasons.NODE_ID_MISMATCH,
            reasons.CAPABILITIES_NODE_NOT_FOUND,
            reasons.PLEXD_HOOK_INVALID,
            reasons.PLEXD_HOOK_DUPLICATE,
            reasons.PLEXD_HOOKS_TOO_MANY,
            reasons.BUILTIN_ACTION_INVALID,
            reasons.BUILTIN_ACTION_DUPLICATE,
            reasons.BUILTIN_ACTIONS_TOO_MANY,
        ),
    ),
    Operation(
        "GetNodeEvents",
        "GET",
        "/v1/nodes/{id}/events",
        "Follow the signed events that concern a Node.",
        _events,
        "EventStream",
        caller="either",
        media_type="text/event-stream",
        header=(parameters.LAST_EVENT_ID,),
        headers=event_stream.HEADERS,
        refusals=(
            reasons.INSUFFICIENT_RELATION,
            reasons.NODE_ID_MISMATCH,
            reasons.NODE_NOT_FOUND,
            reasons.SIGNED_EVENT_BUS_NOT_PROVISIONED,
        ),
    ),
)
