"""The body of a registration."""

from typing import NamedTuple

from plexctl import grammar
from plexctl.local.control.base import limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal


class Registration(NamedTuple):
    """What a machine asks for.

    `handle` is the external_ref of its Resource; a `requested_id` that is not empty has a missing Resource created.
    """

    public_key: str
    project_id: str
    handle: str
    requested_id: str
    token: str
    nonce: str


def read(body: Body) -> Registration:
    """Read the key first, so that its refusal comes before every other.

    Neither refusal quotes a value, for one may be a secret.

    Raises: Refusal(public_key_invalid, invariant_violation).
    """
    public_key = _public_key(body)
    project_id = _project_id(body)
    handle = _text(body, "resource_handle") or _text(body, "resource_id")
    if not handle:
        raise _refusal("resource_handle is empty; name the Resource of this machine")
    requested_id = _text(body, "requested_resource_id")
    token, nonce = _required(body, "bootstrap_token"), _required(body, "nonce")
    return Registration(public_key, project_id, handle, requested_id, token, nonce)


def _public_key(body: Body) -> str:
    value = body.get("public_key")
    try:
        return grammar.public_key(value if isinstance(value, str) else "")
    except ValueError as error:
        raise Refusal(reasons.PUBLIC_KEY_INVALID, f"public_key {error}") from None


def _project_id(body: Body) -> str:
    try:
        project_id = grammar.uuid(_required(body, "project_id"))
    except ValueError as error:
        raise _refusal(f"project_id {error}") from None
    if project_id == grammar.NIL_UUID:
        raise _refusal("project_id is the nil UUID; give the Project's own id")
    return project_id


def _required(body: Body, field: str) -> str:
    value = _text(body, field)
    if not value:
        raise _refusal(f"{field} is empty")
    return value


def _text(body: Body, field: str) -> str:
    value = body.get(field, "")
    if not isinstance(value, str):
        raise _refusal(f"{field} is not text")
    if len(value) > limits.REGISTRATION_TEXT.most:
        raise _refusal(f"{field} has {len(value)} characters; {limits.REGISTRATION_TEXT.most} is the most")
    return value


def _refusal(detail: str) -> Refusal:
    return Refusal(reasons.INVARIANT_VIOLATION, detail)
