"""Nodes, the mesh between them, its bridges, and the rotation of mesh keys, for operators."""

from plexctl.local.control.base import reasons
from plexctl.local.control.mesh import bridges, key_rotation, nodes, topology
from plexctl.local.http import parameters
from plexctl.local.http.bodies import BodyRule
from plexctl.local.http.calls import Operation

_RELAY = "/v1/projects/{project_id}/resources/{resource_id}/bridge/relay"

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
        "GetDomainMeshTopology",
        "GET",
        "/v1/domains/{domain_id}/mesh/topology",
        "Read every anchored Node of a Domain and every edge between two.",
        lambda call: topology.document(call.control, call.operator, call.ids["domain_id"]),
        "Topology",
        refusals=(reasons.PERMISSION_DENIED, reasons.DOMAIN_NOT_FOUND),
    ),
    Operation(
        "GetBridgeRelay",
        "GET",
        _RELAY,
        "Read the configuration of a bridge's relay.",
        lambda call: bridges.get(call.control, call.operator, call.ids["project_id"], call.ids["resource_id"]),
        "BridgeRelay",
        refusals=(reasons.PERMISSION_DENIED, reasons.RESOURCE_NOT_FOUND),
    ),
    Operation(
        "ConfigureBridgeRelay",
        "PUT",
        _RELAY,
        "Replace the configuration of a bridge's relay.",
        lambda call: bridges.configure(
            call.control,
            call.operator,
            call.ids["project_id"],
            call.ids["resource_id"],
            call.body(),
            call.response,
        ),
        "BridgeRelay",
        body=BodyRule("BridgeRelayConfigure"),
        refusals=(
            reasons.PERMISSION_DENIED,
            reasons.PORT_OUT_OF_RANGE,
            reasons.RESOURCE_NOT_FOUND,
            reasons.RESOURCE_NOT_BRIDGE,
            reasons.BRIDGE_PORT_CONFLICT,
        ),
    ),
)
