"""Capability manifests: what a Node's agent is and what it can do, as it reports when it starts or changes."""

import json
from collections.abc import Callable
from typing import Any

from plexctl.local.control.base import reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import capability_manifest, contact, node_secret, nodes

_HOST_KEY = "ssh_host_key_fingerprint"


def record(control: Control, bearer: str | None, node_id: str, read_body: Callable[[], Body]) -> dict[str, Any]:
    """Record the calling Node's manifest, and say which of its fields have changed since the one before.

    Raises: Refusal(unauthorized, capabilities_node_not_found), and those of `contact.authenticate_as` and
    `capability_manifest.read`.
    """
    contact.authenticate_as(control, node_secret.required(bearer), node_id)
    manifest = capability_manifest.read(read_body())
    with control.write(None) as tx:
        nodes.itself(tx, node_id, reasons.CAPABILITIES_NODE_NOT_FOUND)
        row = tx.execute("SELECT manifest FROM capability_manifests WHERE node_id = ?", (node_id,)).fetchone()
        before = {} if row is None else json.loads(row["manifest"])
        tx.execute(
            "REPLACE INTO capability_manifests (node_id, manifest, accepted_at) VALUES (?, ?, ?)",
            (node_id, json.dumps(manifest), tx.now),
        )
    changed = sorted(name for name in manifest.keys() | before.keys() if manifest.get(name) != before.get(name))
    return {"accepted_at": to_wire(tx.now), "fields_changed": changed, "host_key_changed": _HOST_KEY in changed}
