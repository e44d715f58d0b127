"""The redemption of a bootstrap token. Refusals come in the order in which the code checks them."""

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.base.wire_time import to_wire
from plexctl.local.control.enrolment import token_secrets


def find_token(control: Control, plaintext: str, kind: str, project_id: str) -> str:
    """Find a token by its plaintext and return its id; the token may be in any state.

    Call it outside the transaction that consumes the token, because it hashes, which is slow.

    Raises: Refusal(bootstrap_token_invalid, kind_mismatch, project_mismatch, token_invalid).
    """
    form = token_secrets.parse(plaintext)
    if form is None:
        detail = "bootstrap_token does not have the form psb_<env>_<project>_<kind>_<random>"
        raise Refusal(reasons.BOOTSTRAP_TOKEN_INVALID, detail)
    if form.kind != kind:
        raise Refusal(reasons.KIND_MISMATCH, f"the token is for a {form.kind}; this registers a {kind}")
    if form.project != token_secrets.project_segment(project_id):
        raise Refusal(reasons.PROJECT_MISMATCH, f"the token is not for Project {project_id}")
    with control.read(None) as tx:
        token = tx.execute(
            "SELECT id, hash FROM bootstrap_tokens WHERE fingerprint = ?",
            (token_secrets.fingerprint(tx.vault, plaintext),),
        ).fetchone()
    if token is None or not token_secrets.verify(token["hash"], plaintext):
        raise _unknown()
    return str(token["id"])


def consume(tx: Transaction, token_id: str, nonce: str) -> None:
    """Consume the token inside the caller's write transaction; of two concurrent callers only the first succeeds.

    Raises: Refusal(token_invalid, token_consumed, token_expired, token_revoked, nonce_collision).
    """
    token = tx.execute("SELECT * FROM bootstrap_tokens WHERE id = ?", (token_id,)).fetchone()
    if token is None:  # deleted with its Project since it was found
        raise _unknown()
    if token["consumed_at"] is not None:
        raise Refusal(reasons.TOKEN_CONSUMED, f"token {token_id} was redeemed at {to_wire(token['consumed_at'])}")
    if token["expires_at"] <= tx.now:
        raise Refusal(reasons.TOKEN_EXPIRED, f"token {token_id} expired at {to_wire(token['expires_at'])}")
    if token["revoked_at"] is not None:
        raise Refusal(reasons.TOKEN_REVOKED, f"token {token_id} was revoked at {to_wire(token['revoked_at'])}")
    used = (token["project_id"], nonce)
    if tx.execute("SELECT 1 FROM bootstrap_tokens WHERE (project_id, consumed_nonce) = (?, ?)", used).fetchone():
        raise Refusal(reasons.NONCE_COLLISION, "the nonce was used in this Project before; send a fresh random one")
    tx.execute(
        "UPDATE bootstrap_tokens SET consumed_at = ?, consumed_nonce = ? WHERE id = ?", (tx.now, nonce, token_id)
    )


def _unknown() -> Refusal:
    return Refusal(reasons.TOKEN_INVALID, "this plane does not know the bootstrap token; issue another")
