"""State reports: what workloads on a Node say through it, each under a key."""

import re
from collections.abc import Callable
from typing import Any

from plexctl.local.control.base import fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.mesh import contact, node_secret, nodes, revisions

_KEY = re.compile(limits.REPORT_KEY)
_FIELDS = ("value", "workload_tag")


def record(
    control: Control, bearer: str | None, node_id: str, key: str, read_body: Callable[[], Body]
) -> dict[str, Any]:
    """Record a report of the calling Node in place of the one under the same key.

    Raises: Refusal(unauthorized, invalid_report, node_not_found, report_quota_exceeded), and those of
    `contact.authenticate_as`.
    """
    contact.authenticate_as(control, node_secret.required(bearer), node_id)
    if not _KEY.fullmatch(key):
        raise Refusal(reasons.INVALID_REPORT, f"the key {key[: fields.ECHOED]!r} does not match {limits.REPORT_KEY}")
    value, tag = _read(read_body())
    with control.write(None) as tx:
        nodes.itself(tx, node_id, reasons.NODE_NOT_FOUND)
        _check_quota(tx, node_id, key)
        kept = tx.execute(
            "SELECT value, workload_tag FROM state_reports WHERE node_id = ? AND key = ?", (node_id, key)
        ).fetchone()
        tx.execute(
            "REPLACE INTO state_reports (node_id, key, value, workload_tag, accepted_at) VALUES (?, ?, ?, ?, ?)",
            (node_id, key, value, tag, tx.now),
        )
        if kept is None or tuple(kept) != (value, tag):
            revisions.outdate(tx, node_id)
    return {"accepted_at": to_wire(tx.now), "key": key}


def delete(control: Control, bearer: str | None, node_id: str, key: str) -> None:
    """Delete a report of the calling Node.

    Raises: Refusal(unauthorized, report_not_found), and those of `contact.authenticate_as`.
    """
    contact.authenticate_as(control, node_secret.required(bearer), node_id)
    with control.write(None) as tx:
        deleted = tx.execute("DELETE FROM state_reports WHERE node_id = ? AND key = ?", (node_id, key))
        if deleted.rowcount == 0:
            raise Refusal(reasons.REPORT_NOT_FOUND, f"Node {node_id} has no report {key[: fields.ECHOED]!r}")
        revisions.outdate(tx, node_id)


def _check_quota(tx: Transaction, node_id: str, key: str) -> None:
    ((others,),) = tx.execute("SELECT count(*) FROM state_reports WHERE node_id = ? AND key <> ?", (node_id, key))
    if others >= limits.REPORTS_PER_NODE.most:
        detail = f"a Node keeps at most {limits.REPORTS_PER_NODE.most} reports; delete one first"
        raise Refusal(reasons.REPORT_QUOTA_EXCEEDED, detail)


def _read(body: Body) -> tuple[str, str | None]:
    fields.check_known(body, _FIELDS, reasons.INVALID_REPORT)
    value, tag = body.get("value"), body.get("workload_tag")
    if not isinstance(value, str):
        raise Refusal(reasons.INVALID_REPORT, "value is not text")
    if len(value.encode()) > limits.REPORT_VALUE.most:
        raise Refusal(reasons.INVALID_REPORT, f"value is longer than {limits.REPORT_VALUE.most} bytes")
    if "workload_tag" in body and not isinstance(tag, str):
        raise Refusal(reasons.INVALID_REPORT, "workload_tag is not text")
    if isinstance(tag, str) and len(tag) > limits.WORKLOAD_TAG.most:
        raise Refusal(reasons.INVALID_REPORT, f"workload_tag is longer than {limits.WORKLOAD_TAG.most} characters")
    return value, tag if isinstance(tag, str) else None
