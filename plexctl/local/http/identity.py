"""Who asks: the operator whose bearer a request carries."""

from plexctl.local.control import authorization
from plexctl.local.control.authorization import Principal
from plexctl.local.control.context import Control
from plexctl.local.control.refusal import Refusal


def operator(control: Control, bearer: str | None) -> Principal:
    """Find the caller; raises Refusal unauthenticated."""
    if bearer is None:
        raise Refusal("unauthenticated", "send an operator's token in the Authorization header: Bearer <token>")
    principal = authorization.authenticate(control, bearer)
    if principal is None:
        raise Refusal("unauthenticated", "the bearer token is none that this plane knows")
    return principal
