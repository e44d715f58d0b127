"""The redeeming of a bootstrap token. The order of the refusals is the order in which they stand here."""

import sqlite3

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.enrolment import token_secrets


def recognise(control: Control, plaintext: str, kind: str, project_id: str) -> str:
    """Find a token by its plaintext and return its id, whatever state the token is in.

    Hashes, so it stands outside the transaction that consumes. Raises Refusal kind_mismatch, project_mismatch,
    token_invalid.
    """
    form = token_secrets.parse(plaintext)
    if form is not None and form.kind != kind:
        raise Refusal("kind_mismatch", f"the token is for a {form.kind}; this registers a {kind}")
    if form is not None and form.project != token_secrets.project_segment(project_id):
        raise Refusal("project_mismatch", f"the token is not for Project {project_id}")
    with control.store.read() as connection:
        token = connection.execute(
            "SELECT id, hash FROM bootstrap_tokens WHERE fingerprint = ?",
            (token_secrets.fingerprint(control, plaintext),),
        ).fetchone()
    if token is None or not token_secrets.verify(token["hash"], plaintext):
        raise _unknown()
    return str(token["id"])


def consume(connection: sqlite3.Connection, control: Control, token_id: str, nonce: str) -> None:
    """Use the token up, in the caller's write transaction, so that of two who come at once the first has it.

    Raises Refusal token_consumed, token_expired, token_revoked, nonce_collision.
    """
    now = control.sources.now()
    token = connection.execute("SELECT * FROM bootstrap_tokens WHERE id = ?", (token_id,)).fetchone()
    if token is None:  # deleted with its Project since it was recognised
        raise _unknown()
    if token["consumed_at"] is not None:
        raise Refusal("token_consumed", f"token {token_id} was redeemed at {to_wire(token['consumed_at'])}")
    if token["expires_at"] <= now:
        raise Refusal("token_expired", f"token {token_id} expired at {to_wire(token['expires_at'])}")
    if token["revoked_at"] is not None:
        raise Refusal("token_revoked", f"token {token_id} was revoked at {to_wire(token['revoked_at'])}")
    used = (token["project_id"], nonce)
    if connection.execute(
        "SELECT 1 FROM bootstrap_tokens WHERE (project_id, consumed_nonce) = (?, ?)", used
    ).fetchone():
        raise Refusal("nonce_collision", "the nonce was used in this Project before; send a fresh random one")
    connection.execute(
        "UPDATE bootstrap_tokens SET consumed_at = ?, consumed_nonce = ? WHERE id = ?", (now, nonce, token_id)
    )


def _unknown() -> Refusal:
    return Refusal("token_invalid", "the bootstrap token is not one that this plane issued; issue another")
